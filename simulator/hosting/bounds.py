"""The bounds of the local host, and the refusals of what is beyond them, ready to be sent."""

import http
import json
import sys
from dataclasses import dataclass

# Files that a process needs beside its connections: recordings, sockets to Redis, the store, the upstream.
_OTHER_FILES = 128
_MOST_CONNECTIONS = 50_000
_UNKNOWN_FILES = 1_024


@dataclass(frozen=True, slots=True)
class Bounds:
    """Lengths in bytes, times in seconds; those of address and headers are the Functions host's."""

    requests: int = 5_000
    """Requests in flight; more are shed."""
    connections: int = 1_000
    turned_away: int = 64
    """Connections beyond these that are read for long enough to be refused."""
    address: int = 8_192
    headers: int = 32_768
    header_count: int = 100
    pipelined: int = 64
    """Requests of a connection that wait for the answer to the one before them."""
    head_seconds: float = 30.0
    """For a request's head to arrive, from the connection or from its first byte on."""
    body_seconds: float = 60.0
    """Without a byte of a body that is waited for."""
    idle_seconds: float = 120.0
    """Between two requests of a connection. Longer than clients keep an idle one, so that none of them
    meets one being closed."""
    write_seconds: float = 120.0
    """Without a client's reading anything of an answer."""
    farewell_seconds: float = 5.0
    """For a client that was refused to close its connection, and `farewell` bytes that it may still send."""
    farewell: int = 128 * 2**20


def raise_limit() -> int:
    """Raise the soft limit of open files to the hard one, and return it; Windows has none."""
    if sys.platform == "win32":
        return _UNKNOWN_FILES
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def connections_within(open_files: int) -> int:
    """Return the number of connections that fit into a limit of open files."""
    return max(8, min(_MOST_CONNECTIONS, open_files - min(_OTHER_FILES, open_files // 2)))


def listeners_within(open_files: int, most: int) -> int:
    """Return how many times a socket may be listened on, `most` if files may be opened as usual."""
    return max(1, min(most, open_files // 16))


def _refusal(status: http.HTTPStatus, message: str, *headers: str) -> bytes:
    code = status.phrase.replace(" ", "")
    body = json.dumps({"error": {"code": code, "message": message}})
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *headers,
    )
    return "\r\n".join((*lines, "", body)).encode()


_CLOSE = "connection: close"
INVALID = _refusal(http.HTTPStatus.BAD_REQUEST, "The request is not valid HTTP.", _CLOSE)
ADDRESS_TOO_LONG = _refusal(
    http.HTTPStatus.REQUEST_URI_TOO_LONG, "The address of the request is too long.", _CLOSE
)
HEADERS_TOO_LARGE = _refusal(
    http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request has too many headers.", _CLOSE
)
TOO_MANY_PIPELINED = _refusal(
    http.HTTPStatus.BAD_REQUEST,
    "Too many requests of the connection wait for the answer to the one before them.",
    _CLOSE,
)
TOO_SLOW = _refusal(http.HTTPStatus.REQUEST_TIMEOUT, "The request did not arrive in time.", _CLOSE)
NO_CONNECTION_LEFT = _refusal(
    http.HTTPStatus.SERVICE_UNAVAILABLE,
    "The simulator has as many connections as it can have. Please retry after 1 second.",
    "retry-after: 1",
    _CLOSE,
)
STOPPING = _refusal(
    http.HTTPStatus.SERVICE_UNAVAILABLE,
    "The simulator is stopping, and the request was not finished. Please retry after 1 second.",
    "retry-after: 1",
    _CLOSE,
)
TOO_BUSY = _refusal(
    http.HTTPStatus.SERVICE_UNAVAILABLE,
    "The simulator has as many requests as it may have at a time (MAX_CONCURRENT_REQUESTS). "
    "Please retry after 1 second.",
    "retry-after: 1",
)
