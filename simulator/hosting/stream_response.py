"""The response of a stream: pieces that are sent as they come, until the client leaves."""

import asyncio
import logging
from collections.abc import AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from simulator.concurrency import close
from simulator.errors import ApiError
from simulator.hosting.broken_response import end_connection
from simulator.journal.reasons import one_line
from simulator.pacing import Write, pushed

logger = logging.getLogger(__name__)


def _head(size: int) -> bytes:
    return b"%x\r\n" % size


# The heads of HTTP chunks: to format one takes as long as to write the rest of an event.
_MOST = 4096
_HEADS = [_head(size) for size in range(_MOST)]


class StreamResponse(Response):
    """Sends each piece at once, takes the next only when the server has room for it, and lets go of
    all as soon as the client has left.
    """

    def __init__(
        self, status: int, raw_headers: list[tuple[bytes, bytes]], pieces: AsyncIterator[bytes]
    ) -> None:
        self.status_code = status
        self.background = None
        self.body = b""
        self.raw_headers = raw_headers
        self._pieces = pieces
        self._left = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        sending = asyncio.current_task()
        assert sending is not None  # noqa: S101 - code of an ASGI app is always run by a task
        watch = asyncio.create_task(self._watch(receive, sending))
        try:
            await self._send_or_break(send)
        except asyncio.CancelledError:
            # Cancelled by the watch alone, this is an end; by somebody else, it is his business.
            if not self._left or sending.uncancel() > 0:
                raise
        finally:
            watch.cancel()
            await self._close()

    async def _send_or_break(self, send: Send) -> None:
        """Send all, or end the connection where the source breaks off: the client has the status already."""
        try:
            await self._send(send)
        except ApiError as error:
            logger.warning("a stream breaks off: %s", one_line(error.message))
            if not end_connection(send, reset=False):
                raise
            # The watch cancels this when the server has noticed.
            await asyncio.sleep(1.0)

    async def _send(self, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        body, cycle = pushed(self._pieces), _chunked_cycle(send)
        if body is not None and cycle is not None:
            while not await body.push(_writer(cycle)):
                await cycle.flow.drain()
        else:
            async for piece in self._pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _close(self) -> None:
        pieces = self._pieces
        del self._pieces
        await close(pieces)

    async def _watch(self, receive: Receive, sending: asyncio.Task[None]) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._left = True
        sending.cancel()


def _chunked_cycle(send: Send) -> RequestResponseCycle | None:
    """Return uvicorn's cycle behind a `send` that has begun a chunked answer."""
    cycle: object = getattr(send, "__self__", None)
    if type(cycle) is not RequestResponseCycle or cycle.scope["method"] == "HEAD":
        return None
    return cycle if cycle.chunked_encoding else None


def _writer(cycle: RequestResponseCycle) -> Write:
    """Return what writes a piece as uvicorn's `send` does, which would be awaited."""
    flow, send, framed = cycle.flow, cycle.transport.write, b"".join

    def write(piece: bytes) -> bool:
        size = len(piece)
        if size and not cycle.disconnected:  # a chunk of no bytes would end the body
            head = _HEADS[size] if size < _MOST else _head(size)
            send(framed((head, piece, b"\r\n")))
        return not flow.write_paused

    return write
