"""One entry of the journal: a request and its answer, without prompts, answers and keys."""

from typing import Any, Literal

from msgspec import Struct

from simulator.messages import Usage


class Bodies(Struct, frozen=True):
    """The bodies of an exchange as text, cut at the journal's bound, secrets redacted."""

    request: str
    response: str
    whole: bool = True
    """The request's body is here as it came: neither cut nor redacted, and text."""
    content_type: str = "application/json"
    """The content type of the request."""


class Group(Struct, frozen=True, array_like=True):
    """The requests that are counted together; a name is "" where there is none."""

    resource: str
    deployment: str
    model: str
    key: str
    status: int
    batch: bool = False
    """They are lines of batches, which no client has sent by itself."""
    tier: str = "default"
    """The service tier that served them."""


class Outcome(Struct, frozen=True):
    """The facts of an answer that is not a plain one: refused, ruled, or not whole.

    `retry_after` is in seconds, as the answer stated it.
    """

    cut: bool = False
    """It did not leave whole: the client hung up, or the upstream."""
    error: str | None = None
    reason: str | None = None
    rule: str | None = None
    retry_after: float | None = None
    refused_by_tokens: bool = False
    broken: bool = False
    """The simulator ended the answer before its end, or put an error into it (a rule's fault)."""
    error_in_band: bool = False
    """A stream with status 200 carried an error event."""
    filtered: bool = False
    """The content filter blocked the prompt, which is charged, or cut the answer."""

    @property
    def whole(self) -> bool:
        return not (self.cut or self.broken or self.error_in_band or self.filtered)


PLAIN = Outcome()
"""The outcome of most requests: an answer as it was asked for, with a status below 300."""

Waste = Literal["cut", "left", "filtered"]
"""`cut`: a stream that broke off, or whose client hung up within it; `left`: an answer for which its
client did not wait; `filtered`: a prompt that was blocked, or an answer that the filter cut."""


class Entry(Struct, gc=False):
    """`time` is when the request arrived, in seconds since 1970; `seconds` and `first_token` count from
    there.

    `id` is the answer's `apim-request-id`; `attempt` counts from 0, as `x-stainless-retry-count`.
    What is shown of it is made when it is read: one is made for each request, and few are read. The
    collector of cycles need not visit those of the journal, for their members are values alone.
    """

    id: str
    time: float
    seconds: float
    operation: str
    group: Group
    outcome: Outcome
    served_as: str = ""
    """The model's name in answers."""
    usage: Usage | None = None
    first_token: float | None = None
    recording: str | None = None
    method: str = "POST"
    path: str = ""
    client: str | None = None
    client_request_id: str = ""
    attempt: int | None = None
    fingerprint: int = 0
    """A hash of the body without its model."""
    max_tokens: int | None = None
    bodies: Bodies | None = None
    instance: str | None = None

    @property
    def status(self) -> int:
        return self.group.status

    @property
    def resource(self) -> str | None:
        return self.group.resource or None

    @property
    def deployment(self) -> str | None:
        return self.group.deployment or None

    @property
    def model(self) -> str | None:
        return self.group.model or None

    @property
    def key(self) -> str | None:
        return self.group.key or None

    @property
    def batch(self) -> bool:
        return self.group.batch

    @property
    def service_tier(self) -> str | None:
        """The tier that served it, if it is not the default one."""
        return None if self.group.tier == "default" else self.group.tier

    @property
    def duration_ms(self) -> float:
        return _milliseconds(self.seconds)

    @property
    def first_token_ms(self) -> float | None:
        return None if self.first_token is None else _milliseconds(self.first_token)

    @property
    def prompt_tokens(self) -> int | None:
        return self.usage.prompt if self.usage else None

    @property
    def cached_tokens(self) -> int | None:
        return self.usage.cached or None if self.usage else None

    @property
    def cache_write_tokens(self) -> int | None:
        return self.usage.written or None if self.usage else None

    @property
    def completion_tokens(self) -> int | None:
        return self.usage.completion if self.usage else None

    @property
    def cut(self) -> bool:
        return self.outcome.cut

    @property
    def error(self) -> str | None:
        return self.outcome.error

    @property
    def reason(self) -> str | None:
        return self.outcome.reason

    @property
    def rule(self) -> str | None:
        return self.outcome.rule

    @property
    def succeeded(self) -> bool:
        return self.group.status < 300

    @property
    def charged(self) -> bool:
        """Its tokens are charged: an answer was made, or the content filter looked at the prompt."""
        return self.succeeded or self.outcome.cut or self.outcome.filtered

    @property
    def waste(self) -> Waste | None:
        """Why nobody has the use of what is charged; None for a whole answer."""
        if self.outcome.filtered:
            return "filtered"
        if not self.succeeded:
            return "left"
        return None if self.whole else "cut"

    @property
    def whole(self) -> bool:
        """The client got a complete answer."""
        return self.outcome is PLAIN or (self.succeeded and self.outcome.whole)


_SHOWN = (
    "operation",
    "status",
    "duration_ms",
    "instance",
    "resource",
    "deployment",
    "model",
    "key",
    "client",
    "attempt",
    "error",
    "reason",
    "rule",
    "prompt_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "completion_tokens",
    "service_tier",
    "first_token_ms",
    "cut",
    "recording",
    "batch",
)


def shown(entry: Entry, timestamp: str, *, bodies: bool = True) -> dict[str, Any]:
    """Return the entry as clients see it: members with nothing to say are absent."""
    document: dict[str, Any] = {"id": entry.id, "time": timestamp}
    for name in _SHOWN:
        value = getattr(entry, name)
        if value is not None and value is not False:
            document[name] = value
    if bodies and entry.bodies is not None:
        document["request"] = entry.bodies.request
        document["response"] = entry.bodies.response
    return document


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
