"""The response of a connection that is to break: what is sent of it, and how it ends."""

import asyncio
import socket
import struct
from typing import Any

from starlette.responses import Response as WebResponse
from starlette.types import Receive, Scope, Send

from simulator.concurrency import close
from simulator.messages import Breakage, Response

# Closing then resets the connection, and does not wait.
_RESET = struct.pack("ii", 1, 0)


class BrokenResponse(WebResponse):
    """Sends nothing, or a part, and ends the connection. Where the server has a host in front of it,
    as on Azure Functions, that host decides what the client sees.
    """

    def __init__(
        self, response: Response, raw_headers: list[tuple[bytes, bytes]], breakage: Breakage
    ) -> None:
        self.status_code = response.status
        self.background = None
        self.body = b""
        self.raw_headers = raw_headers
        self._pieces = response.body
        self._breakage = breakage

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        gone = asyncio.ensure_future(_gone(receive))
        try:
            if self._breakage.kind == "hang":
                await asyncio.wait((gone,), timeout=self._breakage.seconds)
            elif self._breakage.kind == "cut":
                await self._send(send, gone)
            end_connection(send, reset=self._breakage.kind != "cut")
            # The server takes an answer that is not whole for a mistake until it is closed.
            await asyncio.wait((gone,), timeout=1.0)
        finally:
            gone.cancel()

    async def _send(self, send: Send, gone: "asyncio.Future[None]") -> None:
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await send(start)
        pieces = self._pieces
        if isinstance(pieces, bytes):
            await send({"type": "http.response.body", "body": pieces, "more_body": True})
            return
        try:
            async for piece in pieces:
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            await close(pieces)


def end_connection(send: Send, *, reset: bool) -> bool:
    """Return whether there is a connection to end. The transport is the server's own, behind the method
    that it gives to apps."""
    cycle: Any = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        return False
    if reset:
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    else:
        transport.close()
    return True


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
