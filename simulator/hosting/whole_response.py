"""The response whose body is complete: it leaves in one write where the server lets it."""

import functools
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from simulator.hosting.header_lines import are_plain, pairs_of
from simulator.messages import BODILESS

_WRITTEN = frozenset(STATUS_LINE) - BODILESS
_COPIED = 16_384
"""Bytes of a body for which a copy costs less than to hand it to the transport by itself."""


class WholeResponse(Response):
    """A complete body, and headers that are lines already. A `chunked` one has no content length.

    Over ASGI, uvicorn writes head and body apart, and checks and copies each header on the way.
    """

    def __init__(
        # By their places: Python calls a class by keyword in five times as many steps.
        self,
        status: int,
        lines: list[bytes],
        body: bytes,
        chunked: bool = False,
    ) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self._lines = lines
        self._chunked = chunked
        if not chunked:
            lines.append(b"content-length: %d\r\n" % len(body))

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:  # type: ignore[override]  # made where it is read
        return pairs_of(self._lines)

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
            and self.status_code in _WRITTEN
            and are_plain(self._lines)
        )

    def _write(self, cycle: RequestResponseCycle) -> None:
        servers = _lines_of(tuple(cycle.default_headers))
        before, after = _frame(self.body) if self._chunked else (b"\r\n", b"")
        head = (STATUS_LINE[self.status_code], servers, *self._lines, before)
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        if len(self.body) < _COPIED:
            cycle.transport.write(b"".join((*head, self.body, after)))
        else:
            # The transport sends all of them in one call.
            cycle.transport.writelines((b"".join(head), self.body, after))
        # Nobody waits for a message of the client: the watch for its departure has ended by now.
        cycle.on_response()


@functools.lru_cache(8)
def _lines_of(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """The lines of the server's own headers, which are others once a second."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def _frame(body: bytes) -> tuple[bytes, bytes]:
    """Return the end of a head and what comes behind a body of one chunk."""
    head = b"transfer-encoding: chunked\r\n\r\n"
    return (b"%b%x\r\n" % (head, len(body)), b"\r\n0\r\n\r\n") if body else (head, b"0\r\n\r\n")
