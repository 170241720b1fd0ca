"""The border to Starlette: its request becomes ours, our response becomes its."""

import asyncio
import functools
import logging
import re
import urllib.parse
from collections.abc import Awaitable, Callable

from msgspec import structs
from starlette.requests import Request as WebRequest
from starlette.responses import Response as WebResponse

from simulator.caching import cached
from simulator.concurrency import close
from simulator.errors import BodyTooLarge, ClientGone, ServerError
from simulator.hosting.broken_response import BrokenResponse
from simulator.hosting.departure import Departure
from simulator.hosting.stream_response import StreamResponse
from simulator.messages import BODILESS, Request, Response

BodyReader = Callable[[], Awaitable[bytes]]

logger = logging.getLogger(__name__)

_SLASHES = re.compile("//+")
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


class _Whole(WebResponse):
    """A complete body whose headers are set in one go, for Starlette encodes them one by one."""

    def __init__(
        self, response: Response, raw_headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        self.status_code = response.status
        self.background = None
        self.body = body
        self.raw_headers = raw_headers
        if not response.streamed:
            self.raw_headers.append((b"content-length", str(len(body)).encode()))


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
        raw_headers = [_raw_header(*header) for header in response.headers.items()]
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
        return _Whole(structs.replace(response, streamed=True), raw_headers, b"")
    if isinstance(response.body, bytes):
        return _Whole(response, raw_headers, response.body)
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


def _encode_header(name: str, value: str) -> tuple[bytes, bytes]:
    """A value that no header can hold (a deployment's name may be anything) is percent-encoded."""
    if not (value.isascii() and value.isprintable()):
        value = urllib.parse.quote(value, _PRINTABLE)
    return name.encode(), value.encode()


# All but the ids come again with every answer.
_raw_header = cached(_encode_header, most=1024)
