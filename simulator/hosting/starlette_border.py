"""The border to Starlette: its request becomes ours, our response becomes its."""

import asyncio
import functools
import logging
import re
import urllib.parse
from collections.abc import Awaitable, Callable

from starlette.requests import Request as WebRequest
from starlette.responses import Response as WebResponse

from simulator.caching import LONGEST_KEY
from simulator.concurrency import close
from simulator.errors import BodyTooLarge, ClientGone, ServerError
from simulator.hosting.broken_response import BrokenResponse
from simulator.hosting.departure import Departure
from simulator.hosting.stream_response import StreamResponse
from simulator.hosting.whole_response import WholeResponse
from simulator.messages import BODILESS, Request, Response

BodyReader = Callable[[], Awaitable[bytes]]

logger = logging.getLogger(__name__)

_SLASHES = re.compile("//+")
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


async def serve(
    simulator: Callable[[Request, BodyReader], Awaitable[Response]],
    request: WebRequest,
    largest: int,
) -> WebResponse:
    """Answers a Starlette request, whose body has at most `largest` bytes. Nothing escapes: the
    Functions worker would answer plain text, and close the connection under the client's next
    request. The work ends when the client leaves."""
    departure = Departure(request.receive)
    read = functools.partial(_body, request, largest, departure)
    try:
        response = await simulator(_head(request), read)
        raw_headers = [_raw_headers[header] for header in response.headers.items()]
    except ClientGone:
        return WebResponse(b"", status_code=400)
    except asyncio.CancelledError:
        if not departure.caused():
            raise
        return WebResponse(b"", status_code=400)
    except Exception:
        logger.exception("a request could not be answered")
        return WebResponse(
            ServerError("unknown").body(), status_code=500, media_type="application/json"
        )
    finally:
        departure.end()
    if response.breakage is not None:
        return BrokenResponse(response, raw_headers, response.breakage)
    if response.status in BODILESS:
        await close(response.body)
        return WholeResponse(response.status, raw_headers, b"", chunked=True)
    if isinstance(response.body, bytes):
        chunked = response.streamed
        return WholeResponse(response.status, raw_headers, response.body, chunked=chunked)
    return StreamResponse(response.status, raw_headers, response.body)


def _head(request: WebRequest) -> Request:
    path: str = request.scope["path"]
    return Request(
        method=request.method,
        path=_SLASHES.sub("/", path) if "//" in path else path,
        query_string=request.scope["query_string"].decode("latin-1"),
        headers={
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in request.scope["headers"]
        },
    )


async def _body(request: WebRequest, largest: int, departure: Departure) -> bytes:
    """Return the body like `request.body()`, at a third of its cost for a body that arrives in one piece.

    Raises BodyTooLarge as soon as that is known, or ClientGone.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and len(announced) > 6 and int(announced[:20]) > largest:
        raise BodyTooLarge(largest)
    pieces: list[bytes] = []
    length = 0
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        pieces.append(message.get("body", b""))
        length += len(pieces[-1])
        if length > largest:
            raise BodyTooLarge(largest)
        if not message.get("more_body", False):
            departure.watch()
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class _RawHeaders(dict[tuple[str, str], tuple[bytes, bytes]]):
    """Headers as they are sent, by name and value. Those that come again with every answer are
    remembered: a look-up in a dict is all that they cost.
    """

    def __missing__(self, header: tuple[str, str]) -> tuple[bytes, bytes]:
        name, value = header
        raw = _encode_header(name, value)
        if name not in _ONCE and len(value) <= LONGEST_KEY:
            if len(self) >= _MOST_HEADERS:
                self.clear()
            self[header] = raw
        return raw


def _encode_header(name: str, value: str) -> tuple[bytes, bytes]:
    """A value that no header can hold (a deployment's name may be anything) is percent-encoded."""
    if not (value.isascii() and value.isprintable()):
        value = urllib.parse.quote(value, _PRINTABLE)
    return name.encode(), value.encode()


# Their values are others with each answer.
_ONCE = frozenset(
    (
        "apim-request-id",
        "x-request-id",
        "x-ms-client-request-id",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-remaining-tokens",
    )
)
_MOST_HEADERS = 1024
_raw_headers = _RawHeaders()
