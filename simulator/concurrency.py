"""Concurrency: work that leaves the event loop, and work that several callers share."""

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, Self, TypeVar, TypeVarTuple

R = TypeVar("R")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

# Work on bodies above this size (bytes) leaves the event loop: parsing and counting tokens take about
# 1 ms per 10 KB, which is what other requests may have to wait.
OFF_LOOP_BYTES = 32_768
UNBOUNDED = sys.maxsize
"""The size of work whose time a client chooses: it never runs on the event loop."""


async def off_loop(size: int, function: Callable[[*Ts], R], *arguments: *Ts) -> R:
    """The function's result, worked out on a thread if `size` bytes would hold up the event loop."""
    if size <= OFF_LOOP_BYTES:
        return function(*arguments)
    return await asyncio.to_thread(function, *arguments)


async def loaded(*libraries: str) -> None:
    """Import large libraries that few requests need, on a thread before they are first used: on a busy
    machine that takes a second and more."""
    for library in libraries:
        if library not in sys.modules:
            await asyncio.to_thread(importlib.import_module, library)


async def close(iterator: object) -> None:
    """Close an asynchronous iterator, if it is one that can be closed."""
    aclose: Callable[[], Awaitable[None]] | None = getattr(iterator, "aclose", None)
    if aclose is not None:
        await aclose()


class Ending(Generic[T]):
    """An asynchronous iterator with an end: `at_end` is awaited once, when there are no more items
    or when it is closed. Unlike that of a generator, the end comes even if nothing was taken.
    """

    def __init__(self, items: AsyncIterator[T], at_end: Callable[[], Awaitable[None]]) -> None:
        self._items = items
        self._at_end = at_end
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            return await anext(self._items)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        if not self._ended:
            self._ended = True
            await close(self._items)
            await self._at_end()


class SingleFlight(Generic[T]):
    """Does what callers ask for at the same time, under the same key, once for all of them."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Future[T]] = {}

    async def share(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """Return the result of the work, which goes on when a caller is cancelled: the others want
        its result."""
        running = self._running.get(key)
        if running is None:
            running = asyncio.ensure_future(work())
            self._running[key] = running
            running.add_done_callback(lambda done: self._landed(key, done))
        return await asyncio.shield(running)

    def begin(self, key: str) -> Callable[[T], None]:
        """Note that the caller itself has begun; return the function that reports its result, of
        which only the first one counts.

        Where another has begun already, nobody waits for this one.
        """
        running: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if key not in self._running:
            self._running[key] = running
            running.add_done_callback(lambda done: self._landed(key, done))

        def land(result: T) -> None:
            if not running.done():
                running.set_result(result)

        return land

    async def landed(self, key: str, seconds: float) -> T | None:
        """Wait for the one that has begun; return None if there is none, or not within `seconds`."""
        running = self._running.get(key)
        if running is None:
            return None
        done, _ = await asyncio.wait({running}, timeout=seconds)
        return running.result() if done else None

    def _landed(self, key: str, done: asyncio.Future[T]) -> None:
        del self._running[key]
        if not done.cancelled():
            done.exception()  # every caller may have left: then nobody else asks for it
