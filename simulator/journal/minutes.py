"""Counters by minute, resource, deployment, key and status, which outlive the ring of entries."""

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct

from simulator.journal.entry import Entry, Waste

MINUTES_KEPT = 24 * 60
"""Older minutes are forgotten."""
MOST_PER_MINUTE = 1_000
"""Different counters in one minute; the rest are counted together, under no name."""
MOST_IN_ALL = 100_000
"""Counters of all minutes; beyond it the oldest minutes are forgotten."""


class Group(NamedTuple):
    """The requests that are counted together."""

    resource: str
    deployment: str
    model: str
    key: str
    status: int
    batch: bool = False


_Names = tuple[str, str, str, str, int, bool]
_group: Callable[[_Names], Group] = functools.partial(tuple.__new__, Group)  # pyright: ignore[reportUnknownMemberType]  # object's signature
OTHERS = Group("", "", "", "", 0)


class Tokens(Struct):
    """Sums of tokens; `prompt` includes `cached` and `cache_write`."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    cache_write: int = 0

    def add(self, entry: Entry) -> None:
        self.prompt += entry.prompt_tokens or 0
        self.cached += entry.cached_tokens or 0
        self.completion += entry.completion_tokens or 0
        self.cache_write += entry.cache_write_tokens or 0


class Count(Struct):
    """Sums over the requests of a group; `wasted` are those of answers that nobody has the use of."""

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    cache_write_tokens: int = 0
    wasted: dict[Waste, Tokens] = {}

    @property
    def tokens(self) -> Tokens:
        """The sums of tokens, wasted ones included."""
        return Tokens(
            self.prompt_tokens, self.cached_tokens, self.completion_tokens, self.cache_write_tokens
        )

    def add(self, entry: Entry) -> None:
        self.requests += 1
        whole = entry.whole
        if not (whole or entry.charged):
            return
        self.prompt_tokens += entry.prompt_tokens or 0
        self.cached_tokens += entry.cached_tokens or 0
        self.completion_tokens += entry.completion_tokens or 0
        if entry.cache_write_tokens:
            self.cache_write_tokens += entry.cache_write_tokens
        waste = None if whole else entry.waste
        if waste is not None:
            self.wasted.setdefault(waste, Tokens()).add(entry)


class Minutes:
    """Counts entries by the minute in which they arrived (of the time of day)."""

    def __init__(self) -> None:
        self._minutes: dict[int, dict[Group, Count]] = {}
        self._length = 0

    @property
    def length(self) -> int:
        """The number of counters."""
        return self._length

    def count(self, entry: Entry) -> None:
        counts = self._of_minute(int(entry.time // 60))
        key = (
            entry.resource or "",
            entry.deployment or "",
            entry.model or "",
            entry.key or "",
            entry.status,
            entry.batch,
        )
        group = _group(key)
        count = counts.get(group)
        if count is None and len(counts) >= MOST_PER_MINUTE:
            group = OTHERS
            count = counts.get(group)
        if count is None:
            count = counts[group] = Count()
            self._length += 1
            self._forget()
        count.add(entry)

    def since(self, moment: float | None) -> Iterator[tuple[int, Group, Count]]:
        """Yield minute (since 1970), group and count, from the minute of that moment on."""
        first = -1 if moment is None else int(moment // 60)
        for minute, counts in sorted(self._minutes.items()):
            if minute >= first:
                for group, count in counts.items():
                    yield minute, group, count

    def frozen(self) -> "Minutes":
        """Return a copy to which no minute and no group comes any more, for work on a thread."""
        copy = Minutes()
        copy._minutes = {minute: counts.copy() for minute, counts in self._minutes.items()}
        copy._length = self._length
        return copy

    def clear(self) -> None:
        self._minutes.clear()
        self._length = 0

    def _of_minute(self, minute: int) -> dict[Group, Count]:
        counts = self._minutes.get(minute)
        if counts is None:
            counts = self._minutes[minute] = {}
        return counts

    def _forget(self) -> None:
        """Forget the oldest minutes, as far as there are too many of them, or of their counters."""
        while len(self._minutes) > MINUTES_KEPT or self._length > MOST_IN_ALL:
            self._length -= len(self._minutes.pop(min(self._minutes)))
