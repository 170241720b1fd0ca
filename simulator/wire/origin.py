"""The address by which a client reaches the simulator, for links in answers that lead back to it."""

import re
from collections.abc import Mapping

from simulator.messages import Request
from simulator.wire.projects import resource_prefix

_HOST = re.compile(r"[A-Za-z0-9._\[\]:-]{1,255}")
_LOCAL = "localhost"
# Set by proxies, and by Azure's front ends, on a connection that they have decrypted.
_SCHEMES = ("x-forwarded-proto", "x-appservice-proto")
_DECRYPTED = "x-arr-ssl"


def origin_of(headers: Mapping[str, str]) -> str:
    """Scheme and host as the client used them, without a slash at the end."""
    schemes = [_first(headers.get(name, "")).lower() for name in _SCHEMES]
    secure = "https" in schemes or _DECRYPTED in headers
    hosts = (_first(headers.get(name, "")) for name in ("x-forwarded-host", "host"))
    host = next((host for host in hosts if _HOST.fullmatch(host)), _LOCAL)
    return f"{'https' if secure else 'http'}://{host}"


def base_of(request: Request) -> str:
    """The origin, and the part of the path that led to a resource of a fleet."""
    return origin_of(request.headers) + resource_prefix(request)


def host_label(headers: Mapping[str, str]) -> str:
    """Return the first label of the host's name, which on Azure is the resource's."""
    host = headers.get("x-forwarded-host") or headers.get("host", "")
    return _first(host).partition(":")[0].partition(".")[0]


def _first(value: str) -> str:
    """Return the first value of a header that each proxy adds to."""
    return value.partition(",")[0].strip()
