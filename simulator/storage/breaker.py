"""The time that operations of a store may take, and the rest it gets after it did not answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from simulator.storage.container import StorageError

TIMEOUT = 5.0
"""Seconds for one operation in all, its repetitions included."""
PAUSE = 1.0
"""Seconds for which a store that did not answer is left alone."""

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
        self._clock = clock
        self._cause = ""
        self._closed_until = 0.0
        self._probing = False

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Raises what `work` raises, and `StoreUnreachable` if it takes too long."""
        probing = bool(self._cause)
        if probing and (self._probing or self._clock() < self._closed_until):
            raise StoreUnreachable(self._cause)
        self._probing = probing
        try:
            result = await self._in_time(work)
        except StoreUnreachable as error:
            self._cause, self._closed_until = str(error), self._clock() + PAUSE
            raise
        except StorageError:  # it answered
            self._cause = ""
            raise
        finally:
            if probing:
                self._probing = False
        self._cause = ""
        return result

    async def _in_time(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await work()
        except TimeoutError as error:
            raise StoreUnreachable(f"no answer within {self._seconds:g} seconds") from error
