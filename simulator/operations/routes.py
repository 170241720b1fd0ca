"""The route table: which operation answers a method and a path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from simulator.caching import cached_by_two
from simulator.wire.route_template import Segment, segments_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a template in the form of Azure Functions: see `segments_of`."""

    method: str
    template: str

    @property
    def segments(self) -> tuple[Segment, ...]:
        return segments_of(self.template)

    def parameters_of(self, path: tuple[str, ...]) -> Mapping[str, str] | None:
        """The values of the template's parameters in a path, or None if it is not of this route."""
        parameters: dict[str, str] = {}
        own = self.segments
        if self.open_ended:
            own, rest = own[:-1], own[-1]
            parameters[rest.parameter] = "/".join(path[len(own) :])
            path = path[: len(own)]
        if len(path) != len(own):
            return None
        for expected, found in zip(own, path, strict=True):
            if expected.parameter:
                value = expected.value(found)
                if value is None:
                    return None
                parameters[expected.parameter] = value
            elif not expected.is_literally(found):
                return None
        return MappingProxyType(parameters)

    @property
    def open_ended(self) -> bool:
        return bool(self.segments) and self.segments[-1].open_ended

    @property
    def precedence(self) -> tuple[bool, int, int]:
        """Smaller is tried first: the more literal, the earlier, and open ends last."""
        literals = sum(not segment.parameter for segment in self.segments)
        suffixed = sum(bool(segment.parameter and segment.literal) for segment in self.segments)
        return self.open_ended, -literals, -suffixed


def model_routes(path: str) -> tuple[Route, Route]:
    """Return the routes of an operation that posts to a model: by its deployment's name, and of v1."""
    by_deployment = Route("POST", f"openai/deployments/{{deployment}}/{path}")
    return by_deployment, Route("POST", f"openai/v1/{path}")


def resource_routes(method: str, path: str) -> tuple[Route, Route]:
    """Return the routes of an operation on what a resource stores: the dated one, and that of v1."""
    return Route(method, f"openai/{path}"), Route(method, f"openai/v1/{path}")


def split_path(path: str) -> tuple[str, ...]:
    """The segments of a path, without its outer slashes."""
    return tuple(path.strip("/").split("/")) if path.strip("/") else ()


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """The operation that a path leads to, the template of its route, and the values of its
    parameters.
    """

    target: T
    template: str
    parameters: Mapping[str, str]


class RouteTable(Generic[T]):
    """Finds by method and path; as in the Functions host, a literal segment wins over a parameter, and
    the case of literals does not matter."""

    def __init__(self, routes: Iterable[tuple[Route, T]], *, unknown: T | None = None) -> None:
        self._unknown = None if unknown is None else Match(unknown, "{*path}", {})
        self._routes = sorted(routes, key=lambda pair: pair[0].precedence)
        # Clients call few paths again and again; the bounds keep a scan of paths from growing memory.
        self.find = cached_by_two(self._find, most=4096)

    def match(self, method: str, path: str) -> Match[T]:
        """Like `find`, but what no route has is the `unknown` target's; `LookupError` without one."""
        match = self.find(method, path) or self._unknown
        if match is None:
            raise LookupError(path)
        return match

    def _find(self, method: str, path: str) -> Match[T] | None:
        segments = split_path(path)
        for route, target in self._routes:
            if route.method == method:
                parameters = route.parameters_of(segments)
                if parameters is not None:
                    return Match(target, route.template, parameters)
        return None
