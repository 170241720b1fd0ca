"""Concurrency: work that leaves the event loop, and work that several callers share."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

R = TypeVar("R")
T = TypeVar("T")

# Work on bodies above this size (bytes) leaves the event loop: parsing and counting tokens take about
# 1 ms per 10 KB, which is what other requests may have to wait.
OFF_LOOP_BYTES = 32_768
UNBOUNDED = sys.maxsize
"""The size of work whose time a client chooses: it never runs on the event loop."""


async def off_loop(size: int, function: Callable[[], R]) -> R:
    """The function's result, worked out on a thread if `size` bytes would hold up the event loop."""
    if size <= OFF_LOOP_BYTES:
        return function()
    return await asyncio.to_thread(function)


class SingleFlight(Generic[T]):
    """Does what callers ask for at the same time, under the same key, once for all of them.

    The work goes on when a caller is cancelled, for the others want its result.
    """

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Future[T]] = {}

    async def share(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        running = self._running.get(key)
        if running is None:
            running = asyncio.ensure_future(work())
            self._running[key] = running
            running.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(running)

    def _landed(self, key: str, done: asyncio.Future[T]) -> None:
        del self._running[key]
        if not done.cancelled():
            done.exception()  # every caller may have left: then nobody else asks for it
