"""Entries of the journal, made from what was observed of a request."""

import re
from collections.abc import Mapping

from simulator.catalogue.deployments import Deployment
from simulator.content_filter.refusals import FilteredContent
from simulator.journal.entry import PLAIN, Entry, Group, Outcome
from simulator.messages import Request
from simulator.telemetry.observation import Completion, Observation
from simulator.wire.faults import SpoilKind
from simulator.wire.query import without_secrets

LONGEST_NAME = 64
"""Characters of names that clients choose."""
LONGEST_ADDRESS = 2_048
"""Characters of a path and its query."""
_MODEL = b'"model"'
_MODEL_OF_FORM = re.compile(rb'name="model"\r\n\r\n[^\r\n]*')
_LONGEST_BOUNDARY = 256
_LONGEST_BODY = 65_536
_ATTEMPT = "x-stainless-retry-count"
_CLIENT_ID = "x-ms-client-request-id"
_BREAKING: frozenset[SpoilKind | None] = frozenset({"disconnect", "truncate", "malformed", "empty"})
_ERRORS_IN_BAND: frozenset[SpoilKind | None] = frozenset({"error_event", "failed_event"})


def entry_of(observation: Observation, completion: Completion, arrived: float) -> Entry:
    """Return the entry, without bodies; `arrived` is in seconds since 1970."""
    request, deployment = observation.request, observation.served_by
    if deployment is None:
        name, model, served_as = (observation.deployment or "")[:LONGEST_NAME], "", ""
    else:
        name, model = deployment.name, deployment.model.name
        served_as = deployment.model.wire_name
    resource = (observation.resource or "") if request.resource else ""
    status, own = observation.answer.status, observation.own
    usage = observation.usage
    tier = "default" if usage is None else usage.tier
    get = request.headers.get
    return Entry(
        observation.request_id,
        arrived,
        completion.seconds,
        observation.match.target.name,
        Group(resource, name, model, observation.caller.name, status, own, tier),
        _outcome(observation, completion),
        served_as,
        usage,
        completion.first_token,
        observation.recording,
        request.method,
        _address(request),
        get("user-agent", "")[:LONGEST_NAME] or None,
        get(_CLIENT_ID, "")[:LONGEST_NAME],
        _attempt(get(_ATTEMPT)),
        0 if own else _fingerprint(request),  # a line of a batch is nobody's attempt
        _max_tokens(observation, deployment),
    )


def _address(request: Request) -> str:
    """The path and the query without a key, to send the request again by."""
    path, query = request.prefix + request.path, request.query_string
    if query and (query := without_secrets(query)):
        path = f"{path}?{query}"
    return path[:LONGEST_ADDRESS]


def _outcome(observation: Observation, completion: Completion) -> Outcome:
    answer, refusal, call = observation.answer, observation.refusal, observation.call
    if (
        refusal is None
        and answer.ending is None
        and answer.status < 300
        and not (answer.filter or completion.cut)
        and (call is None or call.plan is None)
    ):
        return PLAIN
    cut_for = observation.filter
    spoil, fault = _spoil(observation), observation.upstream_fault
    return Outcome(
        cut=completion.cut,
        error=type(refusal).__name__ if refusal else None,
        reason=observation.reason or _filtered(cut_for),
        rule=(call.rule_behind(refusal) or None) if call else None,
        retry_after=_retry_after(answer.headers) if answer.status >= 400 else None,
        refused_by_tokens=observation.limit == "tokens",
        broken=spoil in _BREAKING or fault == "broken",
        error_in_band=spoil in _ERRORS_IN_BAND or fault == "error",
        filtered=isinstance(refusal, FilteredContent) or bool(cut_for),
    )


def _fingerprint(request: Request) -> int:
    """The hash of a body without the name of its deployment: a failover may go to another one.

    Of a body of some size, its length and both ends are enough; of one that was not read, since its
    caller was not let in, the length is all that is known.
    """
    body = request.body
    if not body.startswith(b"{"):  # most are JSON, and their headers need no look
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
    if deployment is None or deployment.tokens_per_minute is None:
        return None
    admission = observation.admission
    if admission is not None and admission.charge is not None:
        return admission.charge.max_tokens
    cost = observation.cost() if observation.succeeded else None
    return cost.max_tokens if cost else None


def _attempt(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) <= 4 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        text = headers.get(name, "")
        if text.isdecimal() and len(text) <= 9:
            return int(text) / unit
    return None
