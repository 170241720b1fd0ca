"""The course of a run: what came in each second, and how fast."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from loadtest.samples import Sample
from loadtest.scenarios import Run, charge

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """In seconds; None where there was nothing."""

    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Second:
    """What was answered within one second of the run."""

    second: int
    admitted: int
    refused: int
    failed: int
    tokens_per_minute: int
    """What the requests that were admitted in the last 60 seconds count for the limit of tokens."""
    latency: Percentiles
    first_token: Percentiles


def percentile(values: Sequence[float], share: float) -> float | None:
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def percentiles(values: Sequence[float]) -> Percentiles:
    return Percentiles(*(percentile(values, share) for share in (0.5, 0.95, 0.99)))


def latencies(samples: Sequence[Sample]) -> list[float]:
    """The times of the whole answers that were admitted."""
    return [one.elapsed for one in samples if one.admitted]


def first_tokens(samples: Sequence[Sample]) -> list[float]:
    return [one.first_token for one in samples if one.admitted and one.first_token is not None]


def tokens_of(run: Run, sample: Sample) -> int:
    """What a request counts for the limit of tokens; without one, the tokens that it used."""
    if not sample.admitted:
        return 0
    if run.limits.tokens is None or run.limits.tokens_left is None:
        return sample.prompt_tokens + sample.tokens
    return charge(run.limits)


def seconds_of(run: Run) -> list[Second]:
    """Each second from the first request to the last answer, a quiet one too. A request belongs to
    the second of its answer.
    """
    samples = sorted([run.first, *run.samples], key=lambda one: one.done)
    by_second: dict[int, list[Sample]] = {}
    for one in samples:
        by_second.setdefault(int(one.done), []).append(one)
    costs = {
        second: sum(tokens_of(run, one) for one in group) for second, group in by_second.items()
    }
    return [
        _second(second, by_second.get(second, []), _last_minute(costs, second))
        for second in range(max(by_second) + 1)
    ]


def _last_minute(costs: dict[int, int], second: int) -> int:
    return sum(costs.get(one, 0) for one in range(max(0, second - int(MINUTE) + 1), second + 1))


def _second(second: int, samples: Sequence[Sample], tokens_per_minute: int) -> Second:
    return Second(
        second=second,
        admitted=sum(one.admitted for one in samples),
        refused=sum(one.refused for one in samples),
        failed=sum(one.failed for one in samples),
        tokens_per_minute=tokens_per_minute,
        latency=percentiles(latencies(samples)),
        first_token=percentiles(first_tokens(samples)),
    )
