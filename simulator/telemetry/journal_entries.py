"""Entries of the journal, made from what was observed of a request."""

import re
from collections.abc import Mapping

from simulator.catalogue.deployments import Deployment
from simulator.content_filter.refusals import FilteredContent
from simulator.errors import RateLimited
from simulator.journal.entry import NO_ATTEMPT, Attempt, Bodies, Entry
from simulator.messages import Request
from simulator.telemetry.observation import Completion, Observation
from simulator.wire.faults import SpoilKind
from simulator.wire.query import without_secrets

LONGEST_NAME = 64
"""Characters of names that clients choose."""
LONGEST_ADDRESS = 2_048
"""Characters of a path and its query."""
CUT_BY_FILTER = Attempt(filtered=True)
_MODEL = b'"model"'
_MODEL_OF_FORM = re.compile(rb'name="model"\r\n\r\n[^\r\n]*')
_LONGEST_BOUNDARY = 256
_LONGEST_BODY = 65_536
_ATTEMPT = "x-stainless-retry-count"
_CLIENT_ID = "x-ms-client-request-id"
_BREAKING: frozenset[SpoilKind | None] = frozenset({"disconnect", "truncate", "malformed", "empty"})
_ERRORS_IN_BAND: frozenset[SpoilKind | None] = frozenset({"error_event", "failed_event"})


def entry_of(
    observation: Observation, completion: Completion, arrived: float, bodies: Bodies | None = None
) -> Entry:
    """Return the entry; `arrived` is in seconds since 1970, `bodies` are None where they are not
    kept."""
    request, call = observation.request, observation.call
    deployment, usage, refusal = observation.served_by, observation.usage, observation.refusal
    name = deployment.name if deployment else observation.deployment
    plan = call.plan if call else None
    cut_for = observation.filter
    fault = observation.upstream_fault
    plain = refusal is None and plan is None and fault is None and observation.answer.status < 400
    if plain and observation.own:  # a line of a batch is nobody's attempt
        facts = CUT_BY_FILTER if cut_for else NO_ATTEMPT
    else:
        facts = _facts(observation, deployment, cut_for, plain=plain)
    get, first = request.headers.get, completion.first_token
    return Entry(
        id=observation.request_id,
        time=arrived,
        operation=observation.operation,
        status=observation.answer.status,
        duration_ms=round(completion.seconds * 1000, 3),
        resource=observation.resource if request.resource else None,
        deployment=(name or "")[:LONGEST_NAME] or None,
        model=deployment.model.name if deployment else None,
        key=observation.caller or None,
        client=get("user-agent", "")[:LONGEST_NAME] or None,
        attempt=_attempt(get(_ATTEMPT)),
        error=type(refusal).__name__ if refusal else None,
        reason=observation.reason or _filtered(cut_for),
        rule=(call.rule_behind(refusal) or None) if call else None,
        prompt_tokens=usage.prompt if usage else None,
        cached_tokens=usage.cached or None if usage else None,
        cache_write_tokens=usage.written or None if usage else None,
        completion_tokens=usage.completion if usage else None,
        first_token_ms=None if first is None else round(first * 1000, 3),
        cut=completion.cut,
        recording=observation.recording,
        batch=observation.own,
        bodies=bodies,
        facts=facts,
        method=request.method,
        path=_address(request.prefix + request.path, request.query_string),
        served_as=deployment.model.wire_name if deployment else None,
    )


def _address(path: str, query: str) -> str:
    """The path and the query without a key, to send the request again by."""
    if query and (query := without_secrets(query)):
        path = f"{path}?{query}"
    return path[:LONGEST_ADDRESS]


def _facts(
    observation: Observation, deployment: Deployment | None, cut_for: str | None, *, plain: bool
) -> Attempt:
    request, answer, refusal = observation.request, observation.answer, observation.refusal
    max_tokens = _max_tokens(observation, deployment)
    named = request.headers.get(_CLIENT_ID, "")[:LONGEST_NAME]
    fingerprint = _fingerprint(request)
    if plain:
        return Attempt(named, fingerprint, None, max_tokens, filtered=bool(cut_for))
    blocked = isinstance(refusal, FilteredContent)
    spoil, fault = _spoil(observation), observation.upstream_fault
    return Attempt(
        client_request_id=named,
        fingerprint=fingerprint,
        retry_after=_retry_after(answer.headers) if answer.status >= 400 else None,
        max_tokens=max_tokens,
        refused_by_tokens=isinstance(refusal, RateLimited) and observation.limit == "tokens",
        broken=spoil in _BREAKING or fault == "broken",
        error_in_band=spoil in _ERRORS_IN_BAND or fault == "error",
        filtered=blocked or bool(cut_for),
    )


def _fingerprint(request: Request) -> int:
    """The hash of a body without the name of its deployment: a failover may go to another one.

    Of a body of some size, its length and both ends are enough; of one that was not read, since its
    caller was not let in, the length is all that is known.
    """
    body = request.body
    if not body:
        return hash(request.headers.get("content-length", ""))
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        return _fingerprint_of_form(body)
    if len(body) > 2 * _LONGEST_BODY:
        return hash((len(body), body[:_LONGEST_BODY], body[-_LONGEST_BODY:]))
    start = body.rfind(_MODEL) if len(body) < _LONGEST_BODY else -1
    if start < 0:
        return hash(body)
    end = body.find(b",", start)
    return hash(body[:start]) ^ (hash(body[end:]) if end >= 0 else 0)


def _fingerprint_of_form(body: bytes) -> int:
    """The hash of a form without its boundary, which clients draw anew for each attempt, and its model."""
    boundary = body[: max(body.find(b"\r\n", 0, _LONGEST_BOUNDARY), 0)]
    length = 0
    if len(body) > 2 * _LONGEST_BODY:
        body, length = body[:_LONGEST_BODY] + body[-_LONGEST_BODY:], len(body)
    bare = body.replace(boundary, b"") if boundary else body
    return hash((length, _MODEL_OF_FORM.sub(b"", bare, count=1)))


def _filtered(found: str | None) -> str | None:
    return f"the content filter cut the answer: {found}" if found else None


def _spoil(observation: Observation) -> SpoilKind | None:
    """The fault that a rule has put into an answer that began well."""
    fault = observation.call.fault if observation.call else None
    return fault.spoil.kind if fault and fault.spoil and observation.succeeded else None


def _max_tokens(observation: Observation, deployment: Deployment | None) -> int | None:
    """The cap of an answer whose deployment has a limit of tokens: there it costs something."""
    if deployment is None or deployment.tokens_per_minute is None or not observation.succeeded:
        return None
    admission = observation.admission
    if admission is not None and admission.charge is not None:
        return admission.charge.max_tokens
    cost = observation.cost()
    return cost.max_tokens if cost else None


def _attempt(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) <= 4 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        text = headers.get(name, "")
        if text.isdecimal() and len(text) <= 9:
            return int(text) / unit
    return None
