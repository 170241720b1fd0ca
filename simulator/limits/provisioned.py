"""The arithmetic of provisioned deployments: a leaky bucket that drains in proportion to its PTUs.

A full bucket, utilization 100 %, is one minute of the deployment's input tokens. A request is
admitted while the bucket is at most full, whatever its size (so short bursts pass), adds its
estimate on arrival, and is corrected when its answer is done (Microsoft's documentation; the minute
is our choice). Times are whole microseconds and the level is counted in tokens times microseconds
per minute, so that draining is exact.
"""

from typing import NamedTuple

from simulator.limits.quota import ProvisionedLimits

MINUTE = 60_000_000


class Fill(NamedTuple):
    """Utilization after a request (1.0 is full), and the microseconds it has to wait, 0 if admitted."""

    utilization: float
    wait: int = 0


class Bucket:
    """The leaky bucket of one provisioned deployment."""

    __slots__ = ("_at", "_level")

    def __init__(self) -> None:
        self._level = 0
        self._at = 0

    def fill(self, now: int, limits: ProvisionedLimits, tokens: int) -> Fill:
        """Admit a request of `tokens` (its weight in input tokens) while not above 100 %."""
        full = self._drain(now, limits)
        over = self._level - full
        if over > 0:
            return Fill(self._level / full, -(-over // limits.tokens_per_minute))
        self._level += tokens * MINUTE
        return Fill(self._level / full)

    def used(self, now: int, limits: ProvisionedLimits) -> Fill:
        """Return the utilization; nothing is charged."""
        full = self._drain(now, limits)
        return Fill(self._level / full)

    def correct(self, now: int, limits: ProvisionedLimits, difference: int) -> None:
        """Add what a request really weighed less what it was estimated at; may be negative."""
        self._drain(now, limits)
        self._level = max(0, self._level + difference * MINUTE)

    def _drain(self, now: int, limits: ProvisionedLimits) -> int:
        """Drain up to `now`; the level of a full bucket."""
        rate = limits.tokens_per_minute
        self._level = max(0, self._level - (now - self._at) * rate)
        self._at = now
        return rate * MINUTE
