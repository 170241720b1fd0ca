"""Bands: what was seen, between what may be expected at least and at most."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loadtest.samples import Sample

# What scheduling and the network may take off what a limit allows.
_REACHED = 0.9


@dataclass(frozen=True, slots=True)
class Band:
    """A figure and what it may be, both ends included."""

    name: str
    seen: float
    least: float = 0.0
    most: float = math.inf

    @property
    def kept(self) -> bool:
        return self.least <= self.seen <= self.most


@dataclass(frozen=True, slots=True)
class Speed:
    """A latency profile of chat answers, in milliseconds: means and standard deviations."""

    first: float
    first_std_dev: float
    between: float
    between_std_dev: float

    def expected(self, tokens: int) -> float:
        """Seconds that an answer of so many tokens takes on average."""
        return (self.first + max(0, tokens - 1) * self.between) / 1000

    def deviation(self, tokens: int) -> float:
        """At most so many seconds of standard deviation: a request draws its speed once."""
        return (self.first_std_dev + max(0, tokens - 1) * self.between_std_dev) / 1000


def most_within(samples: Iterable[Sample], seconds: float) -> int:
    """The most samples that surely came to the service within an interval of so many seconds.

    When the service counted a request lies between its sending and its answer, so one of which either
    is outside is not counted.
    """
    known = sorted(samples, key=lambda sample: sample.sent)
    return max(
        (
            sum(later.done < first.sent + seconds for later in known[number:])
            for number, first in enumerate(known)
        ),
        default=0,
    )


def slice_share(per_minute: int, slice_seconds: int) -> int:
    """The requests that a slice holds of a limit per minute (docs/rate-limits.md)."""
    return max(1, math.ceil(per_minute * slice_seconds / 60))


def reached(per_minute: int, share: int, slice_seconds: int, duration: float) -> int:
    """The least that a demand above the limit is given within the duration, in requests: what the
    slices and the minute both allow, less a tenth."""
    minutes, rest = divmod(duration, 60)
    in_rest = min(per_minute, share * int(rest // slice_seconds))
    allowed = max(int(minutes) * per_minute + in_rest, min(per_minute, share))
    return math.floor(allowed * _REACHED)


def latency_band(samples: Sequence[Sample], speed: Speed) -> Band:
    """The mean time beyond what the tokens take, in seconds: by chance within four standard
    deviations, besides 5 % and a quarter of a second for the network and a busy machine."""
    expected = [speed.expected(sample.tokens) for sample in samples]
    chance = 4 * math.hypot(*(speed.deviation(sample.tokens) for sample in samples)) / len(samples)
    beyond = statistics.fmean(
        sample.elapsed - time for sample, time in zip(samples, expected, strict=True)
    )
    share = 0.05 * statistics.fmean(expected)
    return Band(
        "mean latency beyond the configured, s",
        beyond,
        least=-(chance + share),
        most=chance + share + 0.25,
    )


def steady_band(samples: Sequence[Sample]) -> Band:
    """The median time of the second half, in seconds, beside that of the first."""
    ordered = sorted(samples, key=lambda sample: sample.sent)
    half = len(ordered) // 2
    first, second = (
        statistics.median(sample.elapsed for sample in part)
        for part in (ordered[:half], ordered[half:])
    )
    return Band("median latency of the second half, s", second, most=1.5 * first + 0.1)
