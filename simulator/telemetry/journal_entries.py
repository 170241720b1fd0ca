"""Entries of the journal, made from what was observed of a request."""

from collections.abc import Mapping

from simulator.content_filter.refusals import FilteredContent
from simulator.errors import RateLimited
from simulator.journal.entry import Attempt, Bodies, Entry
from simulator.messages import Request
from simulator.telemetry.observation import Completion, Observation
from simulator.wire.faults import SpoilKind
from simulator.wire.query import without_secrets

LONGEST_NAME = 64
"""Characters of names that clients choose."""
LONGEST_ADDRESS = 2_048
"""Characters of a path and its query."""
_MODEL = b'"model"'
_LONGEST_BODY = 65_536
_BREAKING: frozenset[SpoilKind | None] = frozenset({"disconnect", "truncate", "malformed", "empty"})
_ERRORS_IN_BAND: frozenset[SpoilKind | None] = frozenset({"error_event", "failed_event"})


def entry_of(
    observation: Observation, completion: Completion, arrived: float, bodies: Bodies | None = None
) -> Entry:
    """Return the entry; `arrived` is in seconds since 1970, `bodies` are None where they are not
    kept."""
    deployment, usage, refusal = observation.served_by, observation.usage, observation.refusal
    headers = observation.request.headers
    plan = observation.call.plan if observation.call else None
    return Entry(
        id=observation.request_id,
        time=arrived,
        operation=observation.operation,
        status=observation.answer.status,
        duration_ms=round(completion.seconds * 1000, 3),
        resource=observation.resource,
        deployment=(observation.deployment or "")[:LONGEST_NAME] or None,
        model=deployment.model.name if deployment else None,
        key=observation.caller or None,
        client=headers.get("user-agent", "")[:LONGEST_NAME] or None,
        attempt=_attempt(headers),
        error=type(refusal).__name__ if refusal else None,
        reason=observation.reason or _filtered(observation) or None,
        rule=plan.rule if plan else None,
        prompt_tokens=usage.prompt if usage else None,
        cached_tokens=usage.cached or None if usage else None,
        completion_tokens=usage.completion if usage else None,
        first_token_ms=_milliseconds(completion.first_token),
        cut=completion.cut,
        recording=observation.recording,
        batch=observation.own,
        bodies=bodies,
        facts=_facts(observation),
        method=observation.request.method,
        path=_address(observation.request),
    )


def _address(request: Request) -> str:
    """The path and the query without a key, to send the request again by."""
    path = request.prefix + request.path
    if not request.query_string:
        return path[:LONGEST_ADDRESS]
    query = without_secrets(request.query_string)
    return (f"{path}?{query}" if query else path)[:LONGEST_ADDRESS]


def _facts(observation: Observation) -> Attempt:
    headers = observation.request.headers
    blocked = isinstance(observation.refusal, FilteredContent)
    return Attempt(
        client_request_id=headers.get("x-ms-client-request-id", "")[:LONGEST_NAME],
        fingerprint=_fingerprint(observation.request.body),
        retry_after=_retry_after(observation.answer.headers)
        if observation.answer.status >= 400
        else None,
        max_tokens=_max_tokens(observation),
        refused_by_tokens=isinstance(observation.refusal, RateLimited)
        and observation.limit == "tokens",
        broken=_spoil(observation) in _BREAKING,
        error_in_band=_spoil(observation) in _ERRORS_IN_BAND,
        filtered=blocked or bool(observation.filter),
    )


def _fingerprint(body: bytes) -> int:
    """The hash of a body without the name of its deployment: a failover may go to another one."""
    start = body.rfind(_MODEL) if len(body) < _LONGEST_BODY else -1
    if start < 0:
        return hash(body)
    return hash((body[:start], body[body.find(b'"', start + len(_MODEL)) :].partition(b",")[2]))


def _filtered(observation: Observation) -> str:
    found = observation.filter
    return f"the content filter cut the answer: {found}" if found else ""


def _spoil(observation: Observation) -> SpoilKind | None:
    """The fault that a rule has put into an answer that began well."""
    fault = observation.call.plan.fault if observation.call and observation.call.plan else None
    return fault.spoil.kind if fault and fault.spoil and observation.succeeded else None


def _max_tokens(observation: Observation) -> int | None:
    """The cap of an answer whose deployment has a limit of tokens: there it costs something."""
    if observation.served_by is None or observation.served_by.tokens_per_minute is None:
        return None
    cost = observation.cost() if observation.succeeded else None
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
