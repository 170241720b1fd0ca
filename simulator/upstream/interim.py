"""Interim answers (1xx) of an upstream, of which only a few are taken before an answer."""

import asyncio
import functools
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import RawResponseMessage
from aiohttp.streams import StreamReader

MOST_INTERIM = 64
_PIECE = 32 * 1024
"""Bytes that are parsed at a time: more interim answers than may be taken fit into what arrives at once."""


def bounded(connector: aiohttp.TCPConnector) -> aiohttp.TCPConnector:
    """Return the connector, whose connections take no more of them."""
    inner: Any = connector  # aiohttp has no parameter for the protocol
    inner._factory = functools.partial(  # noqa: SLF001 - see above
        BoundedHandler, loop=asyncio.get_running_loop()
    )
    return connector


class BoundedHandler(ResponseHandler):
    """aiohttp's protocol of a connection, which parses and passes over any number of them at a stretch."""

    _interim = 0

    def data_received(self, data: bytes) -> None:
        if len(data) <= _PIECE:
            super().data_received(data)
            return
        for start in range(0, len(data), _PIECE):
            super().data_received(data[start : start + _PIECE])
            if self._interim > MOST_INTERIM:
                return

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        if self._interim > MOST_INTERIM:
            return
        self._interim = self._interim + 1 if 100 <= data[0].code < 200 else 0
        if self._interim <= MOST_INTERIM:
            super().feed_data(data, size)
            return
        self.set_exception(aiohttp.ClientPayloadError(f"more than {MOST_INTERIM} interim answers"))
        if self.transport is not None:
            self.transport.close()
