"""Names of what is kept for some days: below the day on which it was made, so that the oldest come first."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from simulator.storage.container import Container
from simulator.storage.several import each

_DAY = 86_400
# The seconds between two sweeps of an instance, and the most documents that one removes.
_SWEEP_EVERY = 3_600.0
_SWEEP_SIZE = 50


@dataclass(frozen=True, slots=True)
class DayFolders:
    """The names under a folder; what they stand for is kept for `retention` seconds."""

    folder: str
    retention: float

    def name(self, second: float, name: str) -> str:
        """The name of what was made at a second since 1970."""
        return f"{self.folder}{_day(second)}/{name}.json"

    def before(self, moment: float) -> str:
        """The folder of the newest day on which all that was made is too old at a moment."""
        return f"{self.folder}{_day(moment - self.retention - _DAY)}"


class Sweep:
    """Removes by and by what is too old: nothing has to be read for it."""

    def __init__(self, container: Container, days: DayFolders, now: Callable[[], float]) -> None:
        self._container = container
        self._days = days
        self._now = now
        self._swept = now()

    async def __call__(self) -> None:
        """Remove some of it, unless that was done within the hour; raises `StorageError`."""
        now = self._now()
        if now - self._swept < _SWEEP_EVERY:
            return
        newest = self._days.before(now)
        expired: list[str] = []
        async for name in self._container.names(self._days.folder):
            if name[: len(newest)] > newest:
                break
            expired.append(name)
            if len(expired) == _SWEEP_SIZE:
                break
        await each(expired, self._container.delete)
        if len(expired) < _SWEEP_SIZE:
            self._swept = now


def _day(moment: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(moment))
