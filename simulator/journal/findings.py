"""Findings: what a client did wrong, each by a rule of its own over the requests of a period."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from msgspec import Struct

from simulator.journal.entry import Entry
from simulator.journal.requests import RETRYABLE, Attempts, finished

EARLY_SECONDS = 0.05
"""A retry may come this much before its time: clocks and networks differ."""
A_DAY = 86_400
STORM_ATTEMPTS = 8
"""More attempts than these at one request within `STORM_SECONDS` are a storm."""
STORM_SECONDS = 60.0
HERD = 5
"""Waits that differ by less than `HERD_SECONDS` are no chance from this number on."""
HERD_SECONDS = 0.01
GIVE_UP_AFTER = 5.0
"""Seconds that a client has for its next attempt, beside those of `retry-after`."""
NOT_RETRYABLE = frozenset({400, 401, 403, 404, 405, 413, 415, 422})
"""Statuses of answers that would be the same again."""
WASTED_CAP = 5
"""A cap is wasteful if it is this many times what answers use."""
WASTEFUL_REQUESTS = 10


class Observed(Struct, frozen=True):
    """Everything that the rules look at; `now` is in seconds since 1970."""

    entries: Sequence[Entry]
    requests: Sequence[Attempts]
    now: float


Rule = Callable[[Observed], list[Entry]]
"""Returns the requests in which something was found."""


def retry_after_ignored(observed: Observed) -> list[Entry]:
    """Find attempts that came before the time that the answer before had named."""
    return [
        after
        for attempts in observed.requests
        for before, after in attempts.repeated
        if before.outcome.retry_after
        and _gap(before, after) < before.outcome.retry_after - EARLY_SECONDS
    ]


def retried_86400(observed: Observed) -> list[Entry]:
    """Find attempts after an answer that said to come back in a day: the quota is used up."""
    return [
        after
        for attempts in observed.requests
        for before, after in attempts.repeated
        if (before.outcome.retry_after or 0) >= A_DAY
    ]


def retry_storm(observed: Observed) -> list[Entry]:
    """Find requests that were attempted more than 8 times within a minute."""
    return [
        attempts.last
        for attempts in observed.requests
        if any(
            later.time - entry.time <= STORM_SECONDS
            for entry, later in zip(
                attempts.entries, attempts.entries[STORM_ATTEMPTS:], strict=False
            )
        )
    ]


def no_jitter(observed: Observed) -> list[Entry]:
    """Find retries of several requests that waited equally long, though no answer said how long."""
    gaps: dict[object, list[tuple[float, Entry]]] = {}
    for attempts in observed.requests:
        for number, (before, after) in enumerate(attempts.pairs):
            if before.outcome.retry_after is None and before.status in RETRYABLE:
                waited = (_gap(before, after), after)
                gaps.setdefault((after.deployment, after.client, number), []).append(waited)
    return [
        entry
        for waits in gaps.values()
        if len(waits) >= HERD and _spread(waits) < max(HERD_SECONDS, 0.01 * waits[0][0])
        for _, entry in waits
        if waits[0][0] > 0.1
    ]


def retried_non_retryable(observed: Observed) -> list[Entry]:
    """Find attempts after an answer that would be the same again; a token can be renewed after a 401."""
    return [
        after
        for attempts in observed.requests
        for before, after in attempts.repeated
        if before.status in NOT_RETRYABLE and (before.status != 401 or after.status == 401)
    ]


def gave_up(observed: Observed) -> list[Entry]:
    """Find requests that failed for the moment and were not tried again."""
    return [
        attempts.last
        for attempts in observed.requests
        if attempts.failed and len(attempts.entries) == 1 and _had_time(attempts.last, observed.now)
    ]


def no_failover(observed: Observed) -> list[Entry]:
    """Find requests that failed at one resource while another one answered for their deployment."""
    served: dict[tuple[str | None, int], set[str | None]] = {}
    for entry in observed.entries:
        if entry.whole:
            served.setdefault((entry.deployment, int(entry.time // 60)), set()).add(entry.resource)
    return [
        attempts.last
        for attempts in observed.requests
        if attempts.failed
        and attempts.last.deployment is not None
        and len({entry.resource for entry in attempts.entries}) == 1
        and served.get((attempts.last.deployment, int(attempts.last.time // 60)), set())
        - {attempts.last.resource}
    ]


def truncated_stream_accepted(observed: Observed) -> list[Entry]:
    """Find answers that ended before their end and were not asked for again."""
    return [
        attempts.last
        for attempts in observed.requests
        if attempts.last.outcome.broken and not attempts.last.outcome.error_in_band
    ]


def in_band_error_ignored(observed: Observed) -> list[Entry]:
    """Find streams that carried an error and were not asked for again."""
    return [attempts.last for attempts in observed.requests if attempts.last.outcome.error_in_band]


def max_tokens_wasteful(observed: Observed) -> list[Entry]:
    """Find deployments that refuse for lack of tokens while caps are far above what answers use."""
    found: list[Entry] = []
    for entries in _by_deployment(observed.entries).values():
        refused = [entry for entry in entries if entry.outcome.refused_by_tokens]
        answered = [entry for entry in entries if entry.succeeded and entry.max_tokens]
        used = sum(entry.completion_tokens or 0 for entry in answered)
        caps = sum(entry.max_tokens or 0 for entry in answered)
        if refused and len(answered) >= WASTEFUL_REQUESTS and caps > WASTED_CAP * max(used, 1):
            found += refused
    return found


RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        retry_after_ignored,
        retried_86400,
        retry_storm,
        no_jitter,
        retried_non_retryable,
        gave_up,
        no_failover,
        truncated_stream_accepted,
        in_band_error_ignored,
        max_tokens_wasteful,
    )
}


def _gap(before: Entry, after: Entry) -> float:
    return after.time - finished(before)


def _spread(waits: Sequence[tuple[float, Entry]]) -> float:
    seconds = [wait for wait, _ in waits]
    return max(seconds) - min(seconds)


def _had_time(entry: Entry, now: float) -> bool:
    """A client that heeds `retry-after` is given that time, and a little more."""
    return now - finished(entry) > (entry.outcome.retry_after or 0.0) + GIVE_UP_AFTER


def _by_deployment(entries: Sequence[Entry]) -> dict[object, list[Entry]]:
    def place(entry: Entry) -> tuple[str, str]:
        return entry.resource or "", entry.deployment or ""

    return {key: list(group) for key, group in groupby(sorted(entries, key=place), place)}
