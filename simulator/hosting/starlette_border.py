"""The border to Starlette: its request becomes ours, our response becomes its."""

import functools
import logging
import re
import urllib.parse
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect
from starlette.requests import Request as WebRequest
from starlette.responses import Response as WebResponse
from starlette.responses import StreamingResponse as WebStream

from simulator.errors import ServerError
from simulator.messages import Request, Response

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
    simulator: Callable[[Request], Awaitable[Response]], request: WebRequest
) -> WebResponse:
    """Answers a Starlette request. Nothing escapes: the Functions worker would answer plain text, and
    close the connection under the client's next request."""
    try:
        response = await simulator(await _read(request))
        raw_headers = [_raw_header(*header) for header in response.headers.items()]
    except ClientDisconnect:
        return WebResponse(b"", status_code=400)
    except Exception:
        logger.exception("a request could not be answered")
        return WebResponse(
            ServerError("unknown").body(), status_code=500, media_type="application/json"
        )
    if isinstance(response.body, bytes):
        return _Whole(response, raw_headers, response.body)
    stream = WebStream(response.body, status_code=response.status)
    stream.raw_headers = raw_headers
    return stream


async def _read(request: WebRequest) -> Request:
    path: str = request.scope["path"]
    return Request(
        method=request.method,
        path=_SLASHES.sub("/", path) if "//" in path else path,
        query_string=request.scope["query_string"].decode("latin-1"),
        headers={
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in request.scope["headers"]
        },
        body=await _body(request),
    )


async def _body(request: WebRequest) -> bytes:
    """Return the body like `request.body()`, at a third of its cost for a body that arrives in one
    piece.
    """
    pieces: list[bytes] = []
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


# All but the ids come again with every answer.
@functools.lru_cache(maxsize=1024)
def _raw_header(name: str, value: str) -> tuple[bytes, bytes]:
    """A value that no header can hold (a deployment's name may be anything) is percent-encoded."""
    if not (value.isascii() and value.isprintable()):
        value = urllib.parse.quote(value, _PRINTABLE)
    return name.encode(), value.encode()
