"""The response whose body is complete: it leaves in one write where the server lets it."""

import functools
import operator
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HEADER_RE, STATUS_LINE, RequestResponseCycle

from simulator.messages import BODILESS

_NAME = operator.itemgetter(0)
RawHeaders = list[tuple[bytes, bytes]]


class WholeResponse(Response):
    """A complete body, and headers that are encoded already. A `chunked` one has no content length.

    Over ASGI, uvicorn writes head and body apart, and checks and copies each header on the way.
    """

    def __init__(
        self, status: int, raw_headers: RawHeaders, body: bytes, *, chunked: bool = False
    ) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = raw_headers
        self._chunked = chunked
        if not chunked:
            raw_headers.append((b"content-length", b"%d" % len(body)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle: Any = getattr(send, "__self__", None)
        if type(cycle) is RequestResponseCycle and self._fits(cycle):
            self._write(cycle)
        else:
            await super().__call__(scope, receive, send)

    def _fits(self, cycle: RequestResponseCycle) -> bool:
        """Return whether nothing about the answer needs what uvicorn does for the unusual ones."""
        return (
            cycle.keep_alive
            and not cycle.flow.write_paused
            and not cycle.disconnected
            and not cycle.response_started
            and cycle.scope["method"] != "HEAD"
            and self.status_code not in BODILESS
            and self.status_code in STATUS_LINE
            and all(map(_plain, map(_NAME, self.raw_headers)))
        )

    def _write(self, cycle: RequestResponseCycle) -> None:
        lines = [b"%b: %b\r\n" % header for header in cycle.default_headers]
        lines += [b"%b: %b\r\n" % header for header in self.raw_headers]
        body = self.body
        if self._chunked:
            lines.append(b"transfer-encoding: chunked\r\n")
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(b"".join([STATUS_LINE[self.status_code], *lines, b"\r\n", body]))
        cycle.message_event.set()
        cycle.on_response()


@functools.lru_cache(maxsize=1024)
def _plain(name: bytes) -> bool:
    """Return whether a header of this name goes as it is, and says nothing of the connection."""
    return (
        len(name) < 128
        and not HEADER_RE.search(name)
        and name.lower() not in (b"connection", b"transfer-encoding")
    )
