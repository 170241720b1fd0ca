"""The timeline: which entries have begun at a moment of the scenario's clock, and which comes next."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulator.rules.rule import Rule

NEVER = math.inf


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one resource; a member that is not `changed` stays as it is, and one that is None
    is what the file begins with.
    """

    resource: str
    changed: frozenset[str]
    deployments: Mapping[str, object] | None = None
    latency: Mapping[str, object] | None = None
    rules: tuple[Rule, ...] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: the changes at the moment `at`, and again each `every` seconds, `times` times in all;
    numbers get there `over` some seconds. `quotas` are the new tokens per minute by name.
    """

    position: int
    at: float
    over: float
    every: float
    times: float
    changes: tuple[Change, ...]
    quotas: Mapping[str, object] | None
    changes_quotas: bool
    shown: Mapping[str, object]

    def begun(self, moment: float) -> int:
        """Count its beginnings up to a moment, this included."""
        if moment < self.at:
            return 0
        if self.every == NEVER:
            return 1
        # A beginning counts at its own moment, which sums and quotients round differently.
        return int(min(self.times, math.floor((moment - self.at) / self.every + 1e-9) + 1))

    def moment_of(self, number: int) -> float:
        """When it begins for the `number`th time; `NEVER` after the last."""
        if number > self.times:
            return NEVER
        return self.at if number == 1 else self.at + (number - 1) * self.every


@dataclass(frozen=True, slots=True)
class Beginning:
    """A beginning of an entry."""

    moment: float
    entry: Entry


class Timeline:
    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self.entries = tuple(entries)
        # A ramp leaves the number that was there before, which an older beginning may have set.
        self._needed = 2 if any(entry.over for entry in self.entries) else 1

    def begun(self, moment: float) -> list[Beginning]:
        """The newest beginning of each entry, in the order in which they apply; with ramps the two
        newest. Those before set the same members and are over, so that nothing of them is left.
        """
        found = (
            Beginning(entry.moment_of(number), entry)
            for entry in self.entries
            for newest in (entry.begun(moment),)
            for number in range(max(1, newest - self._needed + 1), newest + 1)
        )
        return sorted(found, key=lambda one: (one.moment, one.entry.position))

    def done(self, moment: float) -> int:
        """Count the beginnings of all entries up to a moment."""
        return sum(entry.begun(moment) for entry in self.entries)

    def next(self, moment: float) -> Beginning | None:
        """The beginning that comes next; None if there is none any more."""
        coming = (
            Beginning(entry.moment_of(entry.begun(moment) + 1), entry) for entry in self.entries
        )
        first = min(coming, key=lambda one: (one.moment, one.entry.position), default=None)
        return None if first is None or first.moment == NEVER else first

    def ended(self, moment: float) -> bool:
        """Nothing comes any more, and nothing is on its way; an empty timeline never ends."""
        if not self.entries or self.next(moment) is not None:
            return False
        return moment >= self.settled(moment)

    def settled(self, moment: float) -> float:
        """The moment from which all that has begun has got there."""
        return max((one.moment + one.entry.over for one in self.begun(moment)), default=0.0)

    def step(self, moment: float) -> float:
        """The moment at which something will be different: at each full second of a ramp."""
        coming = self.next(moment)
        at = NEVER if coming is None else coming.moment
        if moment < self.settled(moment):
            at = min(at, math.floor(moment) + 1.0)
        return at


def beginnings(timeline: Timeline, most: int) -> Iterable[Beginning]:
    """The first beginnings, in order."""
    moment = -1.0
    found = 0
    while found < most and (coming := timeline.next(moment)) is not None:
        moment = coming.moment
        for one in timeline.entries:
            if one.begun(moment) and one.moment_of(one.begun(moment)) == moment:
                found += 1
                yield Beginning(moment, one)
