"""Latency profiles: how long a request is worked on."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Spread:
    """A normal distribution, in milliseconds, cut off below zero."""

    mean: float
    std_dev: float = 0.0

    def draw(self, rng: random.Random) -> float:
        """One value, in seconds."""
        if not self.std_dev:
            return self.mean / 1000
        return max(0.0, rng.gauss(self.mean, self.std_dev)) / 1000


class Tempo(NamedTuple):
    """The speed of one request, in seconds: for the first unit of work, and for each later one. A
    unit is a token, a request or a megabyte, as the operation counts.
    """

    first: float
    between: float

    def at(self, units: float) -> float:
        """The moment by which this number of units is done."""
        if units <= 1:
            return units * self.first
        return self.first + (units - 1) * self.between


AT_ONCE = Tempo(0.0, 0.0)


class Slowdown(NamedTuple):
    """A change of a tempo: its two figures are replaced (in seconds), then both multiplied."""

    first: float | None = None
    between: float | None = None
    factor: float = 1.0

    def of(self, tempo: Tempo) -> Tempo:
        first = tempo.first if self.first is None else self.first
        between = tempo.between if self.between is None else self.between
        return Tempo(first * self.factor, between * self.factor)

    def and_then(self, other: "Slowdown") -> "Slowdown":
        """Both at once: figures that are set here win, factors are multiplied."""
        return Slowdown(
            other.first if self.first is None else self.first,
            other.between if self.between is None else self.between,
            self.factor * other.factor,
        )


@dataclass(frozen=True, slots=True)
class Profile:
    """The latency of an operation: `per_unit` for each unit, of which a request draws one value.

    `first` and `between` (time to first token, inter-token latency) replace it for the first unit
    and for the later ones; either may be left out.
    """

    per_unit: Spread
    first: Spread | None = None
    between: Spread | None = None

    def draw(self, rng: random.Random) -> Tempo:
        unit = self.per_unit.draw(rng)
        return Tempo(
            self.first.draw(rng) if self.first else unit,
            self.between.draw(rng) if self.between else unit,
        )
