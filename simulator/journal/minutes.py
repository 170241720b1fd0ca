"""Counters by minute, resource, deployment, key and status, which outlive the ring of entries."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from simulator.journal.entry import Entry, Group, Waste
from simulator.messages import Usage

MINUTES_KEPT = 24 * 60
"""Older minutes are forgotten."""
MOST_PER_MINUTE = 1_000
"""Different counters in one minute; the rest are counted together, under no name."""
MOST_IN_ALL = 100_000
"""Counters of all minutes; beyond it the oldest minutes are forgotten."""


OTHERS = Group("", "", "", "", 0)
_NOTHING: Mapping[Group, "Count"] = {}


class Tokens(Struct):
    """Sums of tokens; `prompt` includes `cached` and `cache_write`."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    cache_write: int = 0

    def add(self, usage: Usage | None) -> None:
        if usage is not None:
            self.prompt += usage.prompt
            self.cached += usage.cached
            self.completion += usage.completion
            self.cache_write += usage.written or 0


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
        usage, whole = entry.usage, entry.whole
        if usage is None or not (whole or entry.charged):
            return
        self.prompt_tokens += usage.prompt
        self.cached_tokens += usage.cached
        self.completion_tokens += usage.completion
        if usage.written:
            self.cache_write_tokens += usage.written
        waste = None if whole else entry.waste
        if waste is not None:
            self.wasted.setdefault(waste, Tokens()).add(usage)


class Minutes:
    """Counts entries by the minute in which they arrived (of the time of day)."""

    def __init__(self) -> None:
        self._minutes: dict[int, dict[Group, Count]] = {}
        self._length = 0

    @property
    def length(self) -> int:
        """The number of counters."""
        return self._length

    def count(self, *entries: Entry) -> None:
        for entry in entries:
            minute = int(entry.time // 60)
            count = self._minutes.get(minute, _NOTHING).get(entry.group)
            if count is None:
                count = self._begun(minute, entry.group)
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

    def _begun(self, minute: int, group: Group) -> Count:
        """Return the counter of a group that has none yet: a new one, or that of the others."""
        counts = self._minutes.setdefault(minute, {})
        if len(counts) >= MOST_PER_MINUTE:
            group = OTHERS
        count = counts.get(group)
        if count is None:
            count = counts[group] = Count()
            self._length += 1
            self._forget()
        return count

    def _forget(self) -> None:
        """Forget the oldest minutes, as far as there are too many of them, or of their counters."""
        while len(self._minutes) > MINUTES_KEPT or self._length > MOST_IN_ALL:
            self._length -= len(self._minutes.pop(min(self._minutes)))
