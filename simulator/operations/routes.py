"""The route table: which operation answers a method and a path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, TypeVar

from simulator.caching import cached

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a template in the form of Azure Functions: no leading slash, segments `{name}`,
    `{name}` and a text after it, and as the last one `{*name}` for whatever follows."""

    method: str
    template: str

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.template.split("/")) if self.template else ()

    def parameters_of(self, segments: tuple[str, ...]) -> Mapping[str, str] | None:
        """The values of the template's parameters in a path, or None if it is not of this route."""
        parameters: dict[str, str] = {}
        own = self.segments
        if self.open_ended:
            own, rest = own[:-1], own[-1]
            parameters[rest[2:-1]] = "/".join(segments[len(own) :])
            segments = segments[: len(own)]
        if len(segments) != len(own):
            return None
        for expected, found in zip(own, segments, strict=True):
            if expected.startswith("{"):
                name, _, suffix = expected[1:].partition("}")
                value = found[: len(found) - len(suffix)]
                if not value or (value + suffix).lower() != found.lower():
                    return None
                parameters[name] = value
            elif expected.lower() != found.lower():
                return None
        return MappingProxyType(parameters)

    @property
    def open_ended(self) -> bool:
        return bool(self.segments) and self.segments[-1].startswith("{*")

    @property
    def precedence(self) -> tuple[bool, int, int]:
        """Smaller is tried first: the more literal, the earlier, and open ends last."""
        literals = sum(not segment.startswith("{") for segment in self.segments)
        suffixed = sum(
            segment.startswith("{") and not segment.endswith("}") for segment in self.segments
        )
        return self.open_ended, -literals, -suffixed


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

    def __init__(self, routes: Iterable[tuple[Route, T]]) -> None:
        self._routes = sorted(routes, key=lambda pair: pair[0].precedence)
        # Clients call few paths again and again; the bounds keep a scan of paths from growing memory.
        self.find = cached(self._find, most=4096)

    def _find(self, method: str, path: str) -> Match[T] | None:
        segments = tuple(path.strip("/").split("/")) if path.strip("/") else ()
        for route, target in self._routes:
            if route.method == method:
                parameters = route.parameters_of(segments)
                if parameters is not None:
                    return Match(target, route.template, parameters)
        return None
