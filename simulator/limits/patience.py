"""Connections to Redis whose time-outs do not lapse because the event loop is busy."""

import asyncio
import math
from collections.abc import Awaitable
from typing import Any, TypeVar, cast

from redis.asyncio.connection import Connection, SSLConnection
from redis.exceptions import TimeoutError as RedisTimeoutError

# Turns of the event loop within a time-out: a reply that has come is read within one or two of them,
# however long each of them takes on a busy machine.
_TURNS = 8

T = TypeVar("T")


async def patiently(reply: Awaitable[T], seconds: float) -> T:
    """The reply, or `RedisTimeoutError` once `seconds` and several turns of the loop are over.

    At thousands of connections one turn of the event loop may take longer than the time-out; a
    timer alone would then take a reply that lies in the socket for an outage.
    """
    work = asyncio.ensure_future(reply)
    try:
        for _ in range(_TURNS):
            await asyncio.wait({work}, timeout=seconds / _TURNS)
            if work.done():
                return await work
    finally:
        if not work.done():
            work.cancel()
            await asyncio.wait({work}, timeout=seconds)  # it closes its connection
    raise RedisTimeoutError(f"no reply for {seconds:g} s")


class PatientConnection(Connection):
    """Waits `socket_timeout` seconds for each reply, in turns of the loop."""

    async def read_response(
        self,
        disable_decoding: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109  # the signature of its base
        **options: Any,
    ) -> Any:
        """Like its base, with the `timeout` of one read if there is one."""
        limit = self.socket_timeout if timeout is None else timeout
        reply = cast("Awaitable[Any]", super().read_response(disable_decoding, math.inf, **options))
        return await (reply if limit is None or math.isinf(limit) else patiently(reply, limit))


class PatientTlsConnection(PatientConnection, SSLConnection):
    """A `PatientConnection` over TLS."""
