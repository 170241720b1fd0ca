"""Roll-ups: the counters of each instance in the container, for whichever instance is asked."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence

import msgspec

from simulator.concurrency import off_loop
from simulator.journal.entry import Group
from simulator.journal.journal import COST_OF_ENTRY
from simulator.journal.minutes import Count, Minutes
from simulator.outages import OutageLog
from simulator.storage.container import Container, StorageError
from simulator.storage.several import several

logger = logging.getLogger(__name__)

FOLDER = ".minutes/"
PERIOD = 30.0
"""Seconds between two writes, which only requests cause."""
KEPT = 24 * 3600.0
"""Seconds after which the roll-up of an instance that wrote nothing more is removed."""
MOST_ROWS = 20_000
"""Counters in a roll-up, the newest."""
MOST_INSTANCES = 200
"""Roll-ups that are read."""
MOST_READ = 500_000
"""Counters of all instances together that are read."""


class Row(msgspec.Struct, array_like=True, frozen=True):
    """A counter; the minute is since 1970."""

    minute: int
    group: Group
    count: Count


class RollUp(msgspec.Struct, frozen=True):
    """`at` is when it was written, in seconds since 1970."""

    at: float
    rows: Sequence[Row]


class RollUps:
    """Writes this instance's counters under its name, and reads those of the others.

    Up to 30 seconds of an instance that is killed are lost; one that is stopped writes at its end.
    """

    def __init__(
        self,
        minutes: Minutes,
        container: Container,
        folder: str,
        name: str,
        *,
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self._minutes = minutes
        self._container = container
        self._folder = f"{FOLDER}{folder}/"
        self._own = self._name(name)
        self._clock = clock
        self._now = now
        self._outage = OutageLog(logger, "the store of the counters")
        self._writing: asyncio.Task[None] | None = None
        self._stored = False
        """There are counters of this instance in the container."""
        self.due = clock() + PERIOD

    async def fresh(self) -> None:
        """Begin to write; nobody waits for it."""
        if self._clock() >= self.due and self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def flush(self) -> None:
        """Write at once: at the end, so that nothing counted is lost, and when all is forgotten."""
        if self._writing is not None:
            await self._writing
        await self._write()

    async def others(
        self, since: float | None, known: Collection[str] = ()
    ) -> list[tuple[int, Group, Count]]:
        """Return the counters of the other instances from a moment on (seconds since 1970), but for those
        that are `known` otherwise; none while the store cannot be read."""
        first = -1 if since is None else int(since // 60)
        try:
            left_out = {self._own, *map(self._name, known)}
            found = [
                one async for one in self._container.names(self._folder) if one not in left_out
            ]
            rows = await self._rows(found[:MOST_INSTANCES], first)
        except StorageError as error:
            self._outage.begins("counters of other instances cannot be read: %s", error)
            return []
        self._outage.ends()
        return [(row.minute, row.group, row.count) for row in rows]

    def _name(self, instance: str) -> str:
        return f"{self._folder}{instance}.json"

    async def _rows(self, names: Sequence[str], first: int) -> Sequence[Row]:
        """The counters under these names from a minute on; all of them together are never in memory."""
        rows: list[Row] = []
        async for some in several(names, lambda name: self._read(name, first)):
            rows += some
            if len(rows) >= MOST_READ:
                break
        return rows[:MOST_READ]

    async def _read(self, name: str, first: int) -> Sequence[Row]:
        blob = await self._container.get(name)
        if blob is None:
            return ()
        try:
            data = blob.data
            at, rows = await off_loop(len(data), lambda: _read_from(data, first))
        except (msgspec.DecodeError, UnicodeDecodeError):
            logger.warning("%s cannot be understood, and is not counted", name)
            return ()
        if self._now() - at > KEPT:
            await self._container.delete(name)
            return ()
        return rows

    async def _write(self) -> None:
        try:
            minutes, moment = self._minutes.frozen(), self._now()
            size = minutes.length * COST_OF_ENTRY
            if minutes.length:
                document = await off_loop(size, lambda: _written(minutes, moment))
                await self._container.put(self._own, document)
                self._stored = True
            elif self._stored:
                await self._container.delete(self._own)
                self._stored = False
            self._outage.ends()
        except StorageError as error:
            self._outage.begins("the counters of this instance cannot be stored: %s", error)
        finally:
            self.due = self._clock() + PERIOD
            self._writing = None


def _read_from(data: bytes, first: int) -> tuple[float, Sequence[Row]]:
    """Return the moment of a roll-up, and its counters from a minute on."""
    roll_up = msgspec.json.decode(data, type=RollUp)
    return roll_up.at, [row for row in roll_up.rows if row.minute >= first]


def _written(minutes: Minutes, moment: float) -> bytes:
    newest = deque(minutes.since(None), MOST_ROWS)
    return msgspec.json.encode(RollUp(moment, [Row(*counter) for counter in newest]))
