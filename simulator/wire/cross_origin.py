"""Cross-origin requests: which pages of other origins a browser lets call the simulator."""

import re
from collections.abc import Iterable, Mapping

from simulator.messages import NO_HEADERS, Request, Response

_EXPOSED = frozenset(
    [
        "apim-request-id",
        "azure-openai-deployment-utilization",
        "location",
        "operation-location",
        "retry-after",
        "retry-after-ms",
        "x-ms-region",
        "x-ratelimit-limit-requests",
        "x-ratelimit-limit-tokens",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-requests",
        "x-ratelimit-reset-tokens",
        "x-recording",
        "x-request-id",
        "x-simulator-hint",
        "x-simulator-rule",
    ]
)
"""The headers that a page may read of each answer, beside those that the answer has."""
_ALWAYS_READABLE = frozenset({"cache-control", "content-length", "content-type"})

_TOKENS = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2000}")
_AN_HOUR = "3600"


class CrossOrigin:
    """The origins that may call, as https://app.example; with none, no answer says a word of it.

    Credentials are not allowed: the key goes in a header that the page sets itself.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origins)

    def preflight(self, request: Request) -> Response | None:
        """Return the answer to a browser's question whether it may send a request, if this is one."""
        asked = request.headers.get("access-control-request-method", "")
        if not self._origins or request.method != "OPTIONS" or not asked:
            return None
        headers = {"vary": "Origin, Access-Control-Request-Headers"}
        if request.headers.get("origin") in self._origins:
            headers |= {
                "access-control-allow-origin": request.headers["origin"],
                "access-control-max-age": _AN_HOUR,
            }
            for name in ("method", "headers"):
                wanted = request.headers.get(f"access-control-request-{name}", "")
                if _TOKENS.fullmatch(wanted):
                    plural = "methods" if name == "method" else "headers"
                    headers[f"access-control-allow-{plural}"] = wanted
        return Response(204, headers, b"", streamed=True)

    def headers(self, request: Request, answered: Iterable[str]) -> Mapping[str, str]:
        """Return what an answer, an error too, adds to its headers, whose names are given."""
        if not self._origins:
            return NO_HEADERS
        origin = request.headers.get("origin", "")
        if origin not in self._origins:
            return {"vary": "Origin"}
        return {
            "vary": "Origin",
            "access-control-allow-origin": origin,
            "access-control-expose-headers": ", ".join(
                sorted({*_EXPOSED, *answered} - _ALWAYS_READABLE)
            ),
        }
