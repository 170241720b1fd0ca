"""Latency: how long a request is worked on, and the distributions that it is drawn from."""

import bisect
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


class Times(Protocol):
    """A distribution of times."""

    def draw(self, rng: random.Random) -> float:
        """One value, in seconds."""
        ...


@dataclass(frozen=True, slots=True)
class LogNormal:
    """A log-normal distribution, in milliseconds, as times of a service mostly are."""

    p50: float
    p95: float

    def draw(self, rng: random.Random) -> float:
        deviation = math.log(self.p95 / self.p50) / _P95
        return self.p50 * math.exp(rng.gauss(0.0, deviation)) / 1000


_P95 = 1.6448536269514722
"""The 95th percentile of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """A distribution in milliseconds by points of share and time, both rising; between two points it
    is even, and nothing lies beyond the first and the last.
    """

    points: tuple[tuple[float, float], ...]

    def draw(self, rng: random.Random) -> float:
        return self.at(rng.random()) / 1000

    def at(self, share: float) -> float:
        """The time in milliseconds that this share of all times does not exceed."""
        points = self.points
        after = bisect.bisect_left(points, (share,))
        if after == 0:
            return points[0][1]
        if after == len(points):
            return points[-1][1]
        (below, low), (above, high) = points[after - 1], points[after]
        return low + (high - low) * (share - below) / (above - below)


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
    unit is a token, a request, a second of speech or a megabyte, as the operation counts. `saved` is
    what the first comes sooner for each token of the prompt that was cached; None where it is a share
    of it. `whole` is set where `first` is a time to the first byte, however little there is to do.
    """

    first: float
    between: float
    saved: float | None = None
    whole: bool = False

    def at(self, units: float) -> float:
        """The moment by which this number of units is done."""
        if units <= 1:
            return units * self.first
        return self.first + (units - 1) * self.between

    def sounding(self, units: float) -> float:
        """Like `at`, for sound, of which there may be less than a unit in all."""
        return self.at(max(1.0, units) if self.whole else units)

    def times(self, factor: float) -> "Tempo":
        """The tempo of work that takes `factor` times as long."""
        saved = None if self.saved is None else self.saved * factor
        return Tempo(self.first * factor, self.between * factor, saved, self.whole)

    def moments(self, start: int, count: int) -> list[float]:
        """Return the moments of `count` units, the first of which is unit `start`, from 1 on."""
        first, between = self.first, self.between
        if not between:
            return [first] * count
        return [first + done * between for done in range(start - 1, start - 1 + count)]


AT_ONCE = Tempo(0.0, 0.0)


class Slowdown(NamedTuple):
    """A change of a tempo: its two figures are replaced (in seconds), then both multiplied."""

    first: float | None = None
    between: float | None = None
    factor: float = 1.0

    def of(self, tempo: Tempo) -> Tempo:
        between = tempo.between if self.between is None else self.between
        if self.first is None:
            return tempo._replace(between=between).times(self.factor)
        return Tempo(self.first, between, whole=True).times(self.factor)

    def scaled(self, factor: float) -> "Slowdown":
        """The change where everything takes `factor` times as long."""
        first = None if self.first is None else self.first * factor
        between = None if self.between is None else self.between * factor
        return Slowdown(first, between, self.factor)

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
    steady: Tempo | None = field(init=False, compare=False, default=None)
    """The tempo of all requests, where nothing is left to chance."""

    def __post_init__(self) -> None:
        spreads = (self.per_unit, self.first, self.between)
        if not any(spread is not None and spread.std_dev for spread in spreads):
            tempo = self._drawn(random.Random())
            object.__setattr__(self, "steady", AT_ONCE if tempo == AT_ONCE else tempo)

    def draw(self, rng: random.Random) -> Tempo:
        return self._drawn(rng) if self.steady is None else self.steady

    def _drawn(self, rng: random.Random) -> Tempo:
        unit = self.per_unit.draw(rng)
        return Tempo(
            self.first.draw(rng) if self.first else unit,
            self.between.draw(rng) if self.between else unit,
        )


class Demand(NamedTuple):
    """The facts of a request on which its time depends: the tokens of its prompt, and the number of
    requests that its deployment works on already. An `expedited` one has provisioned throughput or
    priority.
    """

    prompt_tokens: int = 0
    under_way: int = 0
    expedited: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """With `concurrency` requests under way everything takes `factor` times as long; in proportion
    with fewer, and with up to ten times as many.
    """

    concurrency: int
    factor: float

    def multiplier(self, under_way: int) -> float:
        share = min(10.0, under_way / self.concurrency)
        return 1.0 + (self.factor - 1.0) * share


@dataclass(frozen=True, slots=True)
class OwnLatency:
    """The latency of a deployment or a model, as far as it is given: the distributions of the first
    token, for `sizes` of prompts (tokens at most, rising) or for all, and of the time between tokens;
    seconds for each token of the prompt, and for each that was cached; and the effect of load.
    """

    first: Times | None = None
    between: Times | None = None
    sizes: tuple[tuple[int, Times], ...] = ()
    prompt: float | None = None
    cached: float | None = None
    load: Load | None = None
    given: Mapping[str, Any] = field(default_factory=dict[str, Any], compare=False)
    """The members as people wrote them."""

    def over(self, lower: "OwnLatency") -> "OwnLatency":
        """This, completed by another one. A first token that is given here is all there is of it."""
        if self.first is None and not self.sizes and self.prompt is None:
            first = (lower.first, lower.sizes, lower.prompt, lower.cached)
        else:
            first = (self.first, self.sizes, self.prompt, self.cached)
        return OwnLatency(
            first[0],
            self.between or lower.between,
            first[1],
            first[2],
            first[3],
            self.load or lower.load,
        )

    def of(self, base: Tempo, demand: Demand, rng: random.Random) -> Tempo:
        """The tempo that is drawn for a request; what is not given is as in `base`."""
        times = self._first(demand.prompt_tokens)
        first, saved = base.first if times is None else times.draw(rng), base.saved
        if self.prompt is not None:
            cached = self.prompt if self.cached is None else self.cached
            first += self.prompt * demand.prompt_tokens
            saved = self.prompt - cached
        between = base.between if self.between is None else self.between.draw(rng)
        tempo = Tempo(first, between, saved, times is not None)
        if self.load is None or demand.expedited:
            return tempo
        return tempo.times(self.load.multiplier(demand.under_way))

    def _first(self, tokens: int) -> Times | None:
        for up_to, times in self.sizes:
            if tokens <= up_to:
                return times
        if self.first is None and self.sizes:
            return self.sizes[-1][1]
        return self.first
