"""The border to Starlette: its request becomes ours, our response becomes its."""

import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request as WebRequest
from starlette.responses import Response as WebResponse
from starlette.responses import StreamingResponse as WebStream

from simulator.messages import Request, Response

_SLASHES = re.compile("//+")


class _Whole(WebResponse):
    """A complete body whose headers are set in one go, for Starlette encodes them one by one."""

    def __init__(self, response: Response, body: bytes) -> None:
        self.status_code = response.status
        self.background = None
        self.body = body
        self.raw_headers = _raw(response.headers)
        if not response.streamed:
            self.raw_headers.append((b"content-length", str(len(body)).encode()))


async def serve(
    simulator: Callable[[Request], Awaitable[Response]], request: WebRequest
) -> WebResponse:
    """Answers a Starlette request; nothing but a broken connection escapes from it."""
    response = await simulator(await _read(request))
    if isinstance(response.body, bytes):
        return _Whole(response, response.body)
    stream = WebStream(response.body, status_code=response.status)
    stream.raw_headers = _raw(response.headers)
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
        body=await request.body(),
    )


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
