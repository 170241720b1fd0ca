"""The policy of forwarding: paths, methods and headers that go to the upstream."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from simulator.errors import GatewayError
from simulator.messages import Request
from simulator.wire.request_headers import ANSWER_CHANGING_HEADERS

_FORWARDED_HEADERS = ANSWER_CHANGING_HEADERS | {
    "accept",
    "content-encoding",
    "content-type",
    "user-agent",
    "x-ms-client-request-id",
}
_SEPARATORS = re.compile(r"[/\\]")
# A segment with a parameter (`..;x`) is read as one without by some servers.
_DOTS = re.compile(r"\.{1,2}(?:;.*)?", re.DOTALL)
# Encodings within one another that are undone; a path with more of them is not forwarded.
_DEEPEST = 4


class NotForwarded(GatewayError):
    """A request that is none of the upstream's business; the message says why."""

    status = 404
    code = "404"

    def __init__(self, why: str) -> None:
        super().__init__(f"Resource not found: {why}.")


@dataclass(frozen=True, slots=True)
class ForwardingPolicy:
    """The requests that are forwarded although no operation has their route: those below `paths`, by
    `methods`. `headers` are forwarded beside those that the service itself knows.
    """

    paths: tuple[str, ...] = ("/openai/",)
    methods: frozenset[str] = frozenset({"GET", "POST"})
    headers: frozenset[str] = frozenset()

    def check(self, request: Request) -> None:
        """Raises `NotForwarded` for a route that is not forwarded."""
        path = request.path.lower()
        if not any(path.startswith(beginning.lower()) for beginning in self.paths):
            raise NotForwarded(
                f"no operation has this path, and it is not below one of {', '.join(self.paths)}, "
                "which are forwarded all the same (FORWARD_PATHS)"
            )
        if request.method not in self.methods:
            raise NotForwarded(
                f"no operation has this path, and {request.method} is not forwarded then "
                "(FORWARD_METHODS)"
            )

    def forwarded(
        self, headers: Mapping[str, str], given: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The headers that go on; what an extension has altered or added to the `given` ones does."""
        allowed = _FORWARDED_HEADERS | self.headers
        return {
            name: value
            for name, value in headers.items()
            if name.lower() in allowed or (given is not None and given.get(name) != value)
        }


def check_path(path: str) -> None:
    """Raises `NotForwarded` for a path that another server may read as a different one: with `.` or
    `..` segments, backslashes or control characters, however often they are encoded.
    """
    for _ in range(_DEEPEST):
        if "\\" in path or not path.isprintable():
            raise NotForwarded("the path has a backslash or a control character")
        if any(_DOTS.fullmatch(segment) for segment in _SEPARATORS.split(path)):
            raise NotForwarded("the path has a segment of dots")
        decoded = unquote(path)
        if decoded == path:
            return
        path = decoded
    raise NotForwarded("the path is encoded again and again")
