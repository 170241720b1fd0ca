"""Entries of the journal, made from what was observed of a request."""

from collections.abc import Mapping

from simulator.errors import RateLimited
from simulator.journal.entry import Attempt, Bodies, Entry
from simulator.messages import Request
from simulator.telemetry.observation import Completion, Observation
from simulator.wire.faults import SpoilKind
from simulator.wire.query import without_secrets

LONGEST_NAME = 64
"""Characters of names that clients choose."""
LONGEST_ADDRESS = 512
_BREAKING: frozenset[SpoilKind | None] = frozenset({"disconnect", "truncate", "malformed", "empty"})
_ERRORS_IN_BAND: frozenset[SpoilKind | None] = frozenset({"error_event", "failed_event"})
BODY_BYTES = 16 * 1024
"""Bytes of each body that are kept where the journal keeps bodies."""


def entry_of(
    seen: Observation, course: Completion, arrived: float, response: bytes | None = None
) -> Entry:
    """Return the entry; `arrived` is in seconds since 1970, `response` the answer's bytes, or None
    where bodies are not kept."""
    deployment, usage, refusal = seen.served_by, seen.usage, seen.refusal
    headers = seen.request.headers
    plan = seen.call.plan if seen.call else None
    return Entry(
        id=seen.request_id,
        time=arrived,
        operation=seen.operation,
        status=seen.answer.status,
        duration_ms=round(course.seconds * 1000, 3),
        deployment=(seen.deployment or "")[:LONGEST_NAME] or None,
        model=deployment.model.name if deployment else None,
        key=seen.caller or None,
        client=headers.get("user-agent", "")[:LONGEST_NAME] or None,
        attempt=_attempt(headers),
        error=type(refusal).__name__ if refusal else None,
        reason=seen.reason or None,
        rule=plan.rule if plan else None,
        prompt_tokens=usage.prompt if usage else None,
        cached_tokens=usage.cached or None if usage else None,
        completion_tokens=usage.completion if usage else None,
        first_token_ms=_milliseconds(course.first_token),
        cut=course.cut,
        recording=seen.recording,
        bodies=None if response is None else _bodies(seen, response),
        facts=_facts(seen),
        method=seen.request.method,
        path=_address(seen.request),
    )


def _address(request: Request) -> str:
    """The path and the query without a key, to send the request again by."""
    if not request.query_string:
        return request.path[:LONGEST_ADDRESS]
    query = without_secrets(request.query_string)
    return f"{request.path}?{query}"[:LONGEST_ADDRESS]


def _facts(seen: Observation) -> Attempt:
    headers = seen.request.headers
    return Attempt(
        client_request_id=headers.get("x-ms-client-request-id", "")[:LONGEST_NAME],
        fingerprint=hash((seen.request.path, seen.request.body)),
        retry_after=_retry_after(seen.answer.headers) if seen.answer.status >= 400 else None,
        max_tokens=_max_tokens(seen),
        refused_by_tokens=isinstance(seen.refusal, RateLimited) and seen.limit == "tokens",
        broken=_spoil(seen) in _BREAKING,
        error_in_band=_spoil(seen) in _ERRORS_IN_BAND,
    )


def _spoil(seen: Observation) -> SpoilKind | None:
    """The fault that a rule has put into an answer that began well."""
    fault = seen.call.plan.fault if seen.call and seen.call.plan else None
    return fault.spoil.kind if fault and fault.spoil and seen.succeeded else None


def _max_tokens(seen: Observation) -> int | None:
    """The cap of an answer whose deployment has a limit of tokens: there it costs something."""
    if seen.served_by is None or seen.served_by.tokens_per_minute is None:
        return None
    cost = seen.cost() if seen.succeeded else None
    return cost.max_tokens if cost else None


def _attempt(headers: Mapping[str, str]) -> int | None:
    text = headers.get("x-stainless-retry-count", "")
    return int(text) if text.isdecimal() and len(text) <= 4 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        text = headers.get(name, "")
        if text.isdecimal() and len(text) <= 9:
            return int(text) / unit
    return None


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def _bodies(seen: Observation, response: bytes) -> Bodies:
    request = seen.request.body[:BODY_BYTES]
    return Bodies(request.decode("utf-8", "replace"), response.decode("utf-8", "replace"))
