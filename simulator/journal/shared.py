"""The journals of all processes that serve on one port, as one."""

import asyncio
import heapq
from collections import deque
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct, structs

from simulator.concurrency import off_loop
from simulator.instances.siblings import Siblings
from simulator.journal.entry import Entry
from simulator.journal.journal import COST_OF_ENTRY, Filter, Journal, Page
from simulator.journal.requests import finished
from simulator.journal.roll_ups import Row

MOST_ENTRIES = 20_000
"""Entries of each process that are judged, the newest."""
MOST_ROWS = 100_000
"""Counters of each process that are added up."""

Place = tuple[float, str]
"""The order of entries: when each was finished, and its id."""


class Entries(Struct, frozen=True, tag=True):
    """Asks for the newest entries, of those before a place in their order if one is given."""

    wanted: Filter
    most: int
    before: Place | None = None
    bodies: bool = False


class Find(Struct, frozen=True, tag=True):
    id: str


class Counters(Struct, frozen=True, tag=True):
    since: float | None


class Clear(Struct, frozen=True, tag=True):
    """Asks to forget all entries and counters."""


class Counted(Struct, frozen=True):
    """The counters of one process, and its name among the instances that share a container."""

    instance: str | None
    rows: list[Row]


_encode = msgspec.msgpack.Encoder().encode
_question = msgspec.msgpack.Decoder(Entries | Find | Counters | Clear)
_entries = msgspec.msgpack.Decoder(list[Entry])
_counted = msgspec.msgpack.Decoder(Counted)


class SharedJournal:
    """The journal of this process and those of its siblings; of a process without any, its own."""

    def __init__(self, own: Journal) -> None:
        self.own = own
        self.siblings = Siblings(self.answer)

    async def page(
        self, wanted: Filter, *, limit: int, after: str | None, bodies: bool = True
    ) -> Page:
        """Return up to `limit` entries that are older than the one called `after`."""
        if not self.siblings.present:
            seen = self.own.frozen()
            size = seen.length * COST_OF_ENTRY
            return await off_loop(size, lambda: seen.page(wanted, limit=limit, after=after))
        last = None if after is None else await self.find(after)
        if after is not None and last is None:
            return Page((), None)
        place = _place(last) if last else None
        found = await self._all_entries(Entries(wanted, limit + 1, place, bodies))
        newest = found[::-1]
        more = len(newest) > limit
        return Page(tuple(newest[:limit]), newest[limit - 1].id if more else None)

    async def find(self, request_id: str) -> Entry | None:
        found = self.own.find(request_id)
        if found is not None or not self.siblings.present:
            return found
        answers = await self.siblings.ask(_encode(Find(request_id)))
        return next((entry for answer in answers for entry in _entries.decode(answer)), None)

    async def gathered(self, since: float | None) -> Journal:
        """Return a journal of all entries from a moment on, to which nothing comes any more, with the
        counters of this process."""
        if not self.siblings.present:
            return self.own.frozen()
        return self.own.frozen(await self._all_entries(Entries(Filter(since=since), MOST_ENTRIES)))

    async def counters(self, since: float | None) -> list[Counted]:
        """Return the counters of each sibling from a moment on."""
        answers = await self.siblings.ask(_encode(Counters(since)))
        return await off_loop(
            sum(map(len, answers)), lambda: [_counted.decode(answer) for answer in answers]
        )

    async def clear(self) -> None:
        self.own.clear()
        await self.siblings.ask(_encode(Clear()))

    async def answer(self, question: bytes) -> bytes:
        """Answer a sibling."""
        asked = _question.decode(question)
        if isinstance(asked, Clear):
            self.own.clear()
            return b""
        if isinstance(asked, Find):
            found = self.own.find(asked.id)
            return _encode([] if found is None else [found])
        seen = self.own.frozen()
        if isinstance(asked, Counters):
            size = seen.minutes.length * COST_OF_ENTRY
            return await off_loop(
                size, lambda: _encode(_newest_rows(seen, asked, self.own.instance))
            )
        size = seen.length * COST_OF_ENTRY
        return await off_loop(size, lambda: _encode(_newest(seen, asked)))

    async def _all_entries(self, asked: Entries) -> list[Entry]:
        """Return what is asked for, of all, in their order."""
        seen, size = self.own.frozen(), self.own.length * COST_OF_ENTRY
        own, answers = await asyncio.gather(
            off_loop(size, lambda: _newest(seen, asked)), self.siblings.ask(_encode(asked))
        )
        return await off_loop(size + sum(map(len, answers)), lambda: _merged(own, answers))


def _place(entry: Entry) -> Place:
    return finished(entry), entry.id


def _newest(seen: Journal, asked: Entries) -> list[Entry]:
    before = asked.before
    found: Iterable[Entry] = seen.matching(asked.wanted)
    if before is not None:
        found = (entry for entry in found if _place(entry) < before)
    newest = heapq.nlargest(asked.most, found, key=_place)
    if asked.bodies:
        return newest
    return [structs.replace(entry, bodies=None) if entry.bodies else entry for entry in newest]


def _merged(own: Sequence[Entry], answers: Iterable[bytes]) -> list[Entry]:
    found = [*own, *(entry for answer in answers for entry in _entries.decode(answer))]
    return sorted(found, key=_place)


def _newest_rows(seen: Journal, asked: Counters, instance: str | None) -> Counted:
    rows = deque(seen.minutes.since(asked.since), MOST_ROWS)
    return Counted(instance, [Row(*counter) for counter in rows])
