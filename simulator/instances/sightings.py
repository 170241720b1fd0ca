"""Sightings of signs of life: which instances are alive, whatever their clocks say."""

from collections.abc import Iterable
from dataclasses import dataclass

ALIVE = 15.0
"""Seconds for which a sign of life is good."""
FORGOTTEN = 600.0
"""Seconds after which the sign of an instance that never took it back is to be removed."""


@dataclass(frozen=True, slots=True)
class Sign:
    """The moment (`at`, seconds since 1970) at which an instance was alive, by its own clock."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class _Sighting:
    at: int
    since: float
    """The moment of this instance's clock at which the sign was made, as far as known."""
    first: float
    """The moment of this instance's clock at which it was seen first."""


class Sightings:
    """Keep what this instance has seen of the others in each list of signs.

    How old a sign is follows from the moment in it only as far as that is possible: a sign that was
    not in the last list is no older than that list. So an instance whose clock is wrong
    counts as alive from the second list on, and one that is gone does not count for ever.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Sighting] = {}
        self._listed: float | None = None
        self._clock = 0.0
        self._now = 0.0

    def take(self, signs: Iterable[Sign], *, now: float, clock: float) -> None:
        """Take in a list of all signs, made at `now` by the time of day and `clock` by the own clock."""
        newest: dict[str, int] = {}
        for sign in signs:
            newest[sign.name] = max(newest.get(sign.name, 0), sign.at)
        seen: dict[str, _Sighting] = {}
        for name, at in newest.items():
            before = self._seen.get(name)
            seen[name] = before if before and before.at == at else self._new(at, now, clock)
        self._seen, self._listed, self._clock, self._now = seen, clock, clock, now

    def alive(self) -> frozenset[str]:
        return frozenset(
            name for name, seen in self._seen.items() if self._clock - seen.since < ALIVE
        )

    def gone(self) -> frozenset[str]:
        """The names whose signs are old, and have not changed while this instance looked on."""
        return frozenset(
            name
            for name, seen in self._seen.items()
            if abs(self._now - seen.at) > FORGOTTEN and self._clock - seen.first >= ALIVE
        )

    def _new(self, at: int, now: float, clock: float) -> _Sighting:
        age = max(0.0, now - at)
        if self._listed is not None:
            age = min(age, clock - self._listed)
        return _Sighting(at, clock - age, clock)
