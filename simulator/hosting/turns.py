"""Turns: requests begin in the order of their arrival, a few in each round of the event loop.

A round in which a thousand requests begin takes as long as a thousand requests, and a new
connection needs several rounds until it is answered.
"""

import asyncio
from collections import deque
from collections.abc import Callable

_EACH_ROUND = 16


class Turns:
    """Calls what enters, at most `each` in one round of the loop; the rest waits."""

    def __init__(self, each: int = _EACH_ROUND) -> None:
        self._each = each
        self._begun = 0
        self._scheduled = False
        self._waiting: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        """Return the number of those that wait."""
        return len(self._waiting)

    def enter(self, begin: Callable[[], None]) -> None:
        if self._begun < self._each and not self._waiting:
            self._begun += 1
            begin()
        else:
            self._waiting.append(begin)
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._next_round)

    def _next_round(self) -> None:
        self._begun = min(self._each, len(self._waiting))
        self._scheduled = self._begun > 0
        if self._scheduled:
            asyncio.get_running_loop().call_soon(self._next_round)
        for _ in range(self._begun):
            self._waiting.popleft()()
