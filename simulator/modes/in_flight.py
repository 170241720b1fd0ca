"""The number of answers of a deployment that are in flight, by the moments at which they are due."""

import heapq
from collections import defaultdict

from simulator.latency import Clock
from simulator.messages import Answer

MOST = 100_000
"""Answers of one deployment that are counted; beyond it none is added."""
MOST_DEPLOYMENTS = 4_096


class InFlight:
    """Counts by name. An answer whose client leaves counts until it would have been done, as a
    service goes on with what nobody reads.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, name: str, answer: Answer) -> None:
        """Count an answer that begins now; one that is made on the way counts until its first chunk."""
        chunks = answer.chunks
        due = chunks[-1].due if isinstance(chunks, tuple) and chunks else 0.0
        if len(self._ends) > MOST_DEPLOYMENTS:
            self._ends.clear()
        ends = self._ends[name]
        if len(ends) < MOST:
            heapq.heappush(ends, self._clock() + due)

    def count(self, name: str) -> int:
        ends, now = self._ends[name], self._clock()
        while ends and ends[0] <= now:
            heapq.heappop(ends)
        return len(ends)
