"""How many analyses may be started in a second."""

from collections import deque
from collections.abc import Callable
from typing import Any

from simulator.extensions import Call, RateLimited

from .operations import Analyze


class RequestsPerSecond:
    """Refuses what is more than `allowed` in any second; `clock` gives seconds."""

    def __init__(self, allowed: int, clock: Callable[[], float]) -> None:
        if allowed < 1:
            raise ValueError("at least 1 request per second must be allowed")
        self._started: deque[float] = deque(maxlen=allowed)
        self._clock = clock

    async def __call__(self, call: Call[Any]) -> None:
        if call.operation.name != Analyze.name:
            return
        now, full = self._clock(), len(self._started) == self._started.maxlen
        if full and now - self._started[0] < 1.0:
            raise RateLimited(
                "Requests to the Analyze Document Operation under Document Intelligence have exceeded "
                "rate limit of your current pricing tier. Please retry after 1 second.",
                retry_after=1.0 - (now - self._started[0]),
                code="429",
            )
        self._started.append(now)
