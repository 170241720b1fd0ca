"""The part of the store that is in memory: recordings, and for seconds the names without one."""

from collections import OrderedDict
from dataclasses import dataclass, replace

from simulator.recordings.exchange import Exchange

_MOST_MISSES = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A recording as it was at `checked_at` (seconds of a clock); "" for an ETag not known."""

    exchange: Exchange
    etag: str
    size: int
    checked_at: float


class RecordingCache:
    """The recordings used last, up to `capacity` bytes of their documents."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._size = 0
        self._misses: OrderedDict[str, float] = OrderedDict()

    def get(self, name: str) -> Entry | None:
        entry = self._entries.get(name)
        if entry is not None:
            self._entries.move_to_end(name)
        return entry

    def keep(self, name: str, entry: Entry) -> None:
        self.drop(name)
        if entry.size > self._capacity:
            return
        self._entries[name] = entry
        self._size += entry.size
        while self._size > self._capacity:
            _, oldest = self._entries.popitem(last=False)
            self._size -= oldest.size

    def touch(self, name: str, entry: Entry, now: float) -> None:
        """Notes that the entry has just been found to be as it is in the store."""
        if name in self._entries:
            self._entries[name] = replace(entry, checked_at=now)

    def drop(self, name: str) -> None:
        """Forgets the name, be it a recording or a miss."""
        entry = self._entries.pop(name, None)
        if entry is not None:
            self._size -= entry.size
        self._misses.pop(name, None)

    def missed_at(self, name: str) -> float | None:
        return self._misses.get(name)

    def miss(self, name: str, now: float) -> None:
        self.drop(name)
        self._misses[name] = now
        if len(self._misses) > _MOST_MISSES:
            self._misses.popitem(last=False)

    def forget_misses(self) -> None:
        self._misses.clear()
