"""The headers that pass between the caller and the upstream."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from simulator.messages import Request
from simulator.wire.origin import base_of

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# The headers of the route to the simulator, and every form of the caller's key.
_KEPT_BACK = _HOP_BY_HOP | {
    "accept-encoding",
    "api-key",
    "authorization",
    "client-ip",
    "content-length",
    "cookie",
    "disguised-host",
    "expect",
    "forwarded",
    "host",
    "max-forwards",
    "ocp-apim-subscription-key",
    "was-default-hostname",
    "x-api-key",
    "x-functions-key",
    "x-ms-invocation-id",
    "x-original-url",
    "x-site-deployment-id",
    "x-waws-unencoded-url",
}
_KEPT_BACK_PREFIXES = (
    "x-appservice-",
    "x-arr-",
    "x-client-",
    "x-forwarded-",
    "x-ms-client-principal",
)
_LOCATIONS = frozenset({"location", "operation-location", "azure-asyncoperation"})
# The server in front of the simulator sets its own; a cookie is bound to the upstream's host.
_NOT_PASSED_ON = _HOP_BY_HOP | {"content-length", "date", "server", "set-cookie", "alt-svc"}


def is_held_back(name: str) -> bool:
    """Return True for a header that never goes on, whatever a setting says."""
    return name in _KEPT_BACK or name.startswith(_KEPT_BACK_PREFIXES)


def request_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as they go on to the upstream, of those that the policy of forwarding lets through.
    Plain bytes are requested, which arrive event by event.
    """
    dropped = _named(headers)
    passed = {
        name: value
        for name, value in headers.items()
        if name not in dropped and not is_held_back(name)
    }
    return {**passed, "accept-encoding": "identity"}


def answer_headers(headers: Mapping[str, str], *, decoded: bool) -> dict[str, str]:
    """The headers that go back to the caller, of those with lower-case names; `decoded`: the body
    is as if unencoded.
    """
    dropped = _NOT_PASSED_ON | _named(headers)
    if decoded:
        dropped |= {"content-encoding"}
    return {name: value for name, value in headers.items() if name not in dropped}


def _named(headers: Mapping[str, str]) -> frozenset[str]:
    """The headers that `Connection` declares to be for the next hop alone."""
    if "connection" not in headers:
        return frozenset()
    return frozenset(name.strip().lower() for name in headers["connection"].split(","))


def relative_locations(headers: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """The headers, with the addresses of the upstream's own resources without its host."""
    located = dict(headers)
    for name in _LOCATIONS.intersection(headers):
        origin = _origin(endpoint)
        if headers[name].startswith(f"{origin}/"):
            located[name] = headers[name].removeprefix(origin)
    return located


def has_locations(headers: Mapping[str, str]) -> bool:
    """Return True if they have an address that `absolute_locations` may complete."""
    return not headers.keys().isdisjoint(_LOCATIONS)


def absolute_locations(headers: Mapping[str, str], request: Request) -> dict[str, str]:
    """Complete the addresses in headers by the base that the caller's request had, so that it
    comes back to the simulator (an asynchronous operation is polled at one).
    """
    located = dict(headers)
    for name in _LOCATIONS.intersection(headers):
        if headers[name].startswith("/"):
            located[name] = base_of(request) + headers[name]
    return located


def _origin(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"
