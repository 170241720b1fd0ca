"""The scenarios: what is sent, by how many, and what must come of it."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from loadtest.bands import (
    Band,
    Speed,
    latency_band,
    most_within,
    reached,
    slice_share,
    steady_band,
)
from loadtest.samples import Limits, Sample

_QUESTION = "What is a serverless app?"
# 1,000 tokens by the documented rule, a tenth of the limit, for an answer that is soon there.
_LONG_PROMPT = "What is it? " * 333 + "Why?"
# Each half needs a median.
_FEWEST_SAMPLES = 4


@dataclass(frozen=True, slots=True)
class Run:
    """What was found out by one run."""

    first: Sample
    """Of the request that came before the load, and told the limits."""
    samples: Sequence[Sample]
    duration: float
    """Seconds for which the load lasted."""
    limits: Limits
    slice_seconds: int
    speed: Speed | None
    """None where the service does not tell its latency: only a simulator does."""

    @property
    def admitted(self) -> list[Sample]:
        return [sample for sample in self.samples if sample.admitted]

    @property
    def charged(self) -> list[Sample]:
        """All that count for the limits."""
        return [self.first, *self.admitted]

    @property
    def refused(self) -> list[Sample]:
        return [sample for sample in self.samples if sample.refused]


class NotTestable(Exception):
    """The deployment is not fit for the scenario; the text is one line."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A user of it asks, and a `pause` (seconds) after the answer asks again."""

    deployment: str
    """"" is the one that TEST_OPENAI_DEPLOYMENT names."""
    users: int
    duration: float
    prompt: str
    max_tokens: int
    pause: float
    fit: Callable[[Limits], None]
    """Raises `NotTestable` if the limits of the deployment are not what the scenario needs."""
    check: Callable[[Run], list[Band]]


def check_latency(run: Run) -> list[Band]:
    bands = [_failures(run), Band("refused", len(run.refused), most=0)]
    bands.append(Band("admitted", len(run.admitted), least=_FEWEST_SAMPLES))
    if bands[-1].kept:
        bands.append(steady_band(run.admitted))
        if run.speed:
            bands.append(latency_band(run.admitted, run.speed))
    return bands


def check_requests(run: Run) -> list[Band]:
    limit = run.limits.requests or 0
    share = slice_share(limit, run.slice_seconds)
    return [
        _failures(run),
        Band(
            "admitted in all",
            len(run.charged),
            least=reached(limit, share, run.slice_seconds, run.duration),
        ),
        _within(run, run.slice_seconds, share),
        _within(run, 60, limit),
        *_refusals(run, "Requests"),
    ]


def check_tokens(run: Run) -> list[Band]:
    limit = run.limits.tokens or 0
    cost = charge(run.limits)
    affordable = limit // cost
    requests = run.limits.requests or limit
    share = slice_share(requests, run.slice_seconds)
    by_slices = reached(requests, share, run.slice_seconds, run.duration)
    by_tokens = reached(affordable, affordable, 60, run.duration)
    tokens = most_within(run.charged, 60) * cost
    return [
        _failures(run),
        Band("admitted in all", len(run.charged), least=min(by_slices, by_tokens)),
        Band(f"tokens in 60 s, at {cost} a request", tokens, most=limit),
        *_refusals(run, "Tokens"),
    ]


def charge(limits: Limits) -> int:
    """The tokens that the first request was charged on a deployment at rest; at least 1."""
    return max(1, (limits.tokens or 0) - (limits.tokens_left or 0))


def _failures(run: Run) -> Band:
    return Band("neither answered nor refused", sum(one.failed for one in run.samples), most=0)


def _within(run: Run, seconds: int, most: int) -> Band:
    return Band(f"admitted in {seconds} s", most_within(run.charged, seconds), most=most)


def _refusals(run: Run, limit: str) -> list[Band]:
    """There are some by this limit, each says when to come back, and they come at once."""
    named = sum(sample.limit == limit for sample in run.refused)
    silent = sum(not sample.told_when for sample in run.refused)
    median = statistics.median(one.elapsed for one in run.refused) if run.refused else math.nan
    return [
        Band(f"refused by {limit.lower()}", named, least=1),
        Band("refused without retry-after", silent, most=0),
        *([Band("median time of a refusal, s", median, most=1.0)] if run.refused else []),
    ]


def _fit_any(limits: Limits) -> None:
    del limits


def _fit_requests(limits: Limits) -> None:
    if limits.requests is None:
        raise NotTestable("the deployment has no request limit; name another one with DEPLOYMENT=")
    if limits.requests_left != limits.requests - 1:
        raise NotTestable("the deployment was used in the last minute; let it rest for one")


def _fit_tokens(limits: Limits) -> None:
    if limits.tokens is None:
        raise NotTestable("the deployment has no token limit; name another one with DEPLOYMENT=")
    _fit_requests(limits)


SCENARIOS: Mapping[str, Scenario] = {
    "latency": Scenario(
        deployment="",
        users=5,
        duration=20.0,
        prompt=_QUESTION,
        max_tokens=50,
        pause=0.1,
        fit=_fit_any,
        check=check_latency,
    ),
    "request-limit": Scenario(
        deployment="gpt-35-turbo-10k-token",
        users=5,
        duration=25.0,
        prompt=_QUESTION,
        max_tokens=10,
        pause=0.1,
        fit=_fit_requests,
        check=check_requests,
    ),
    "token-limit": Scenario(
        deployment="gpt-35-turbo-10k-token",
        users=5,
        duration=25.0,
        prompt=_LONG_PROMPT,
        max_tokens=10,
        pause=0.1,
        fit=_fit_tokens,
        check=check_tokens,
    ),
}
