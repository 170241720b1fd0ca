"""The time that operations of a store may take, and the pause after one that took longer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from simulator.outages import CircuitBreaker
from simulator.storage.container import StorageError

TIMEOUT = 5.0
"""Seconds for one operation in all, its repetitions included."""

T = TypeVar("T")


class StoreUnreachable(StorageError):
    """The store did not answer, or not in time; other operations will fare no better."""


class Breaker:
    """Gives each operation `seconds`. After one that was not answered, the others fail at once for a
    second; then a single one tries the store, until it answers.
    """

    def __init__(
        self, seconds: float = TIMEOUT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._breaker = CircuitBreaker(clock)
        self._cause = ""

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` returns. Raises what it raises, and `StoreUnreachable` if it takes too long."""
        if self._breaker.open:
            raise StoreUnreachable(self._cause)
        try:
            with self._breaker.attempt(StoreUnreachable, StorageError):
                return await self._in_time(work)
        except StoreUnreachable as error:
            self._cause = str(error)
            raise

    async def _in_time(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await work()
        except TimeoutError as error:
            raise StoreUnreachable(f"no answer within {self._seconds:g} seconds") from error
