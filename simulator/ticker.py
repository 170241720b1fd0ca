"""The ticker: one timer for all that wait in a process."""

import asyncio
import functools
import heapq
import math
from collections.abc import Callable

from simulator.latency import Clock

TICK = 0.002
"""Seconds. Who is due within a tick is woken at its end, in one turn of the loop."""
_SPARE = 1000


class Ticker:
    """Wakes waiters at the ends of ticks, so never early and at most a tick late.

    A thousand streams of fifty events a second need five hundred timers a second instead of fifty
    thousand.
    """

    def __init__(self, clock: Clock, tick: float = TICK) -> None:
        self._clock = clock
        self._tick = tick
        self._due: dict[int, list[Callable[[], None]]] = {}
        self._order: list[int] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._armed: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def until(self, moment: float) -> None:
        """Return when the clock has reached the moment; others have their turn in any case."""
        if moment <= self._clock():
            await asyncio.sleep(0)
            return
        waiter = asyncio.get_running_loop().create_future()
        woken = functools.partial(_woken, waiter)
        at = self.call(moment, woken)
        try:
            await waiter
        except asyncio.CancelledError:
            self.leave(at, woken)
            raise

    def call(self, moment: float, function: Callable[[], None]) -> int:
        """Have a function called, which must not raise, at the end of the tick of a moment that has not
        passed; return the tick, for `leave`."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._begin(loop)
        at = int(moment / self._tick) + 1
        waiting = self._due.get(at)
        if waiting is None:
            self._due[at] = [function]
            heapq.heappush(self._order, at)
            if self._armed is None or at < self._armed:
                self._arm(loop)
        else:
            waiting.append(function)
        return at

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Forget who waits on another loop, which has ended."""
        self._loop, self._armed, self._timer = loop, None, None
        self._due.clear()
        self._order.clear()

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed = self._order[0]
        # uvloop rounds to milliseconds: rounded down, the timer would come early and again at once.
        delay = math.ceil(1000 * (self._armed * self._tick - self._clock())) / 1000
        self._timer = loop.call_later(max(delay, 0.0), self._wake, loop)

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        now = self._clock() / self._tick
        while self._order and self._order[0] <= now:
            for function in self._due.pop(heapq.heappop(self._order), ()):
                function()
        self._armed = self._timer = None
        if self._order:
            self._arm(loop)

    def leave(self, at: int, function: Callable[[], None]) -> None:
        """Free what is held for a function that is not to be called, perhaps years before it is due."""
        waiting = self._due.get(at)
        if waiting is None or function not in waiting:
            return
        waiting.remove(function)
        if not waiting:
            del self._due[at]
        if len(self._order) > 2 * len(self._due) + _SPARE:
            self._order = list(self._due)
            heapq.heapify(self._order)


def _woken(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
