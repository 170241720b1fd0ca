"""The journal of one instance: a ring of the newest requests, and counters by minute."""

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from simulator.journal.entry import Entry
from simulator.journal.minutes import Minutes

COST_OF_ENTRY = 256
"""Work on one entry, as that of bodies is measured, in bytes."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on entries, all of which have to hold; `since` is in seconds since 1970."""

    resource: str | None = None
    deployment: str | None = None
    status: int | None = None
    operation: str | None = None
    since: float | None = None

    def matches(self, entry: Entry) -> bool:
        return (
            (self.resource is None or entry.resource == self.resource)
            and (self.deployment is None or entry.deployment == self.deployment)
            and (self.status is None or entry.status == self.status)
            and (self.operation is None or entry.operation == self.operation)
            and (self.since is None or entry.time >= self.since)
        )


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first, and the id to go on from (None at the end)."""

    entries: tuple[Entry, ...]
    next: str | None


class Journal:
    """Keeps the newest `size` entries in memory; 0 keeps none, and counts all the same. An `instance`
    with a name stands in them.
    """

    def __init__(self, size: int, now: Callable[[], float], instance: str = "") -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self._now = now
        self.instance = instance or None
        self._minutes = Minutes()
        self.before_reading: Callable[[], None] = _nothing
        """Called before anything is read: records what is still to be recorded."""

    @property
    def now(self) -> float:
        return self._now()

    @property
    def minutes(self) -> Minutes:
        """The counters by minute."""
        self.before_reading()
        return self._minutes

    def record(self, *entries: Entry) -> None:
        if self.instance is not None:
            for entry in entries:
                entry.instance = self.instance
        self._entries.extend(entries)
        self._minutes.count(*entries)

    @property
    def length(self) -> int:
        """The number of entries."""
        self.before_reading()
        return len(self._entries)

    def frozen(self, entries: Iterable[Entry] | None = None) -> "Journal":
        """Return a copy to which nothing comes any more, for work on a thread; with other `entries`, in
        the order in which they were recorded, if some are given."""
        copy = Journal(0, self._now)
        copy._minutes = self.minutes.frozen()
        copy._entries = self._entries.copy() if entries is None else deque(entries)
        return copy

    def clear(self) -> None:
        self.before_reading()
        self._entries.clear()
        self._minutes.clear()

    def find(self, request_id: str) -> Entry | None:
        self.before_reading()
        return next((entry for entry in reversed(self._entries) if entry.id == request_id), None)

    def page(self, wanted: Filter, *, limit: int, after: str | None = None) -> Page:
        """Return up to `limit` entries that are older than the one called `after`."""
        found = list(itertools.islice(self.matching(wanted, after), limit + 1))
        more = len(found) > limit
        return Page(tuple(found[:limit]), found[limit - 1].id if more else None)

    def since(self, moment: float | None) -> tuple[Entry, ...]:
        """Return the entries from a moment on, in the order in which they arrived."""
        self.before_reading()
        wanted = Filter(since=moment)
        return tuple(sorted(filter(wanted.matches, self._entries), key=lambda entry: entry.time))

    def matching(self, wanted: Filter, after: str | None = None) -> Iterator[Entry]:
        """Return entries, newest first, of those that are older than the one called `after`."""
        self.before_reading()
        newest_first = iter(reversed(self._entries))
        if after is not None:
            newest_first = itertools.dropwhile(lambda entry: entry.id != after, newest_first)
            next(newest_first, None)
        return filter(wanted.matches, newest_first)


def _nothing() -> None:
    """Everything is recorded."""
