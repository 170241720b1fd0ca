"""The counts of one process, in its memory."""

from collections import defaultdict
from collections.abc import Callable

from simulator.limits.provisioned import Bucket, Fill
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.window import SECOND, Decision, StandardWindows, WindowLengths


class MemoryStore:
    """`clock` gives seconds and never goes back, as `time.monotonic`."""

    def __init__(self, clock: Callable[[], float], lengths: WindowLengths | None = None) -> None:
        lengths = lengths or WindowLengths()
        self._clock = clock
        self._windows: defaultdict[str, StandardWindows] = defaultdict(
            lambda: StandardWindows(lengths)
        )
        self._buckets: defaultdict[str, Bucket] = defaultdict(Bucket)

    async def hit(self, name: str, limits: StandardLimits, tokens: int) -> Decision:
        return self._windows[name].hit(self._now(), limits, tokens)

    async def fill(self, name: str, limits: ProvisionedLimits, tokens: int) -> Fill:
        return self._buckets[name].fill(self._now(), limits, tokens)

    async def correct(self, name: str, limits: ProvisionedLimits, difference: int) -> None:
        self._buckets[name].correct(self._now(), limits, difference)

    async def used(self, name: str) -> Decision:
        windows = self._windows.get(name)
        return Decision(0, 0) if windows is None else windows.used(self._now())

    async def utilization(self, name: str, limits: ProvisionedLimits) -> Fill:
        bucket = self._buckets.get(name)
        return Fill(0.0) if bucket is None else bucket.used(self._now(), limits)

    async def forget(self, name: str) -> None:
        self._windows.pop(name, None)
        self._buckets.pop(name, None)

    async def reset(self) -> None:
        self._windows.clear()
        self._buckets.clear()

    async def ping(self) -> None:
        return

    async def close(self) -> None:
        return

    def _now(self) -> int:
        return round(self._clock() * SECOND)
