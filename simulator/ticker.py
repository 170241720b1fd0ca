"""The ticker: one timer for all that wait in a process."""

import asyncio
import heapq
import math
from collections.abc import Callable

from simulator.latency import Clock

TICK = 0.002
"""Seconds. Who is due within a tick is woken at its end, in one round of the loop if they are not many."""
_SPARE = 1000
EACH_ROUND = 128
"""Turns in one round of the event loop, about 2 ms of work. A request takes some eight rounds until it is
answered: among the turns of a thousand streams that are late, each round of them all would take 20 ms."""

Turn = Callable[[float], float | None]
"""Takes its turn at its moment or later, and is given the time, which it must not raise at; returns the
moment of its next turn, later than that time, if it is to have one."""


class Ticker:
    """Gives turns at the ends of ticks, so never early and at most a tick late, unless there is more to do
    than time: then those that wait longest are first.

    A thousand streams of fifty events a second need five hundred timers a second instead of fifty
    thousand.
    """

    def __init__(self, clock: Clock, tick: float = TICK) -> None:
        self._clock = clock
        self._tick = tick
        self._due: dict[int, list[Turn]] = {}
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

        def wake(now: float) -> None:
            del now
            if not waiter.done():
                waiter.set_result(None)

        self.call(moment, wake)
        try:
            await waiter
        except asyncio.CancelledError:
            self.leave(moment, wake)
            raise

    def call(self, moment: float, turn: Turn) -> None:
        """Give a turn at the end of the tick of a moment that has not passed."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._begin(loop)
        at = int(moment / self._tick) + 1
        waiting = self._due.get(at)
        if waiting is None:
            self._open(at, turn)
        else:
            waiting.append(turn)
        if self._armed is None or self._order[0] < self._armed:
            self._arm(loop)

    def _open(self, at: int, turn: Turn) -> None:
        """Begin the list of a tick."""
        self._due[at] = [turn]
        heapq.heappush(self._order, at)

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
        tick, due, now = self._tick, self._due, self._clock()
        last, left = now / tick, EACH_ROUND
        while left > 0 and self._order and self._order[0] <= last:
            turns = self._taken(left)
            left -= len(turns)
            for turn in turns:
                moment = turn(now)
                if moment is None:
                    continue
                # Written out, for `call` would cost as much again: half of what the loop does is here.
                at = int(moment / tick) + 1
                waiting = due.get(at)
                if waiting is None:
                    self._open(at, turn)
                else:
                    waiting.append(turn)
        self._armed = self._timer = None
        if self._order:
            self._arm(loop)

    def _taken(self, most: int) -> list[Turn]:
        """Take the turns of the first tick from what waits, or the `most` first ones of them."""
        at = self._order[0]
        waiting = self._due.get(at, [])
        if len(waiting) > most:
            self._due[at] = waiting[most:]
            return waiting[:most]
        heapq.heappop(self._order)
        return self._due.pop(at, waiting)

    def leave(self, moment: float, turn: Turn) -> None:
        """Free what is held for a turn that is not to be, perhaps years before its moment."""
        at = int(moment / self._tick) + 1
        waiting = self._due.get(at)
        if waiting is None or turn not in waiting:
            return
        waiting.remove(turn)
        if not waiting:
            del self._due[at]
        if len(self._order) > 2 * len(self._due) + _SPARE:
            self._order = list(self._due)
            heapq.heapify(self._order)
