"""One entry of the journal: a request and its answer, without prompts, answers and keys."""

from typing import Any, Literal

from msgspec import Struct


class Bodies(Struct, frozen=True):
    """The bodies of an exchange as text, cut at the journal's bound, secrets redacted."""

    request: str
    response: str
    whole: bool = True
    """The request's body is here as it came: neither cut nor redacted, and text."""
    content_type: str = "application/json"
    """The content type of the request."""


class Attempt(Struct, frozen=True):
    """Facts that tie the attempts of one request together and judge them; none of them is shown.

    `retry_after` is in seconds, as the answer stated it; `fingerprint` is a hash of the body without its
    model.
    """

    client_request_id: str = ""
    fingerprint: int = 0
    retry_after: float | None = None
    max_tokens: int | None = None
    refused_by_tokens: bool = False
    broken: bool = False
    """The simulator ended the answer before its end, or put an error into it (a rule's fault)."""
    error_in_band: bool = False
    """A stream with status 200 carried an error event."""
    filtered: bool = False
    """The content filter blocked the prompt, which is charged, or cut the answer."""


NO_ATTEMPT = Attempt()

Waste = Literal["cut", "left", "filtered"]
"""`cut`: a stream that broke off, or whose client hung up within it; `left`: an answer for which its
client did not wait; `filtered`: a prompt that was blocked, or an answer that the filter cut."""


class Entry(Struct):
    """`time` is in seconds since 1970; durations are in milliseconds since the request arrived.

    `id` is the answer's `apim-request-id`; `attempt` counts from 0, as `x-stainless-retry-count`.
    """

    id: str
    time: float
    operation: str
    status: int
    duration_ms: float
    instance: str | None = None
    resource: str | None = None
    deployment: str | None = None
    model: str | None = None
    key: str | None = None
    client: str | None = None
    attempt: int | None = None
    error: str | None = None
    reason: str | None = None
    rule: str | None = None
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    completion_tokens: int | None = None
    first_token_ms: float | None = None
    cut: bool = False
    recording: str | None = None
    batch: bool = False
    """It is a line of a batch, which no client has sent by itself."""
    bodies: Bodies | None = None
    facts: Attempt = NO_ATTEMPT
    method: str = "POST"
    path: str = ""
    served_as: str | None = None
    """The model's name in answers."""

    @property
    def succeeded(self) -> bool:
        return self.status < 300

    @property
    def charged(self) -> bool:
        """Its tokens are charged: an answer was made, or the content filter looked at the prompt."""
        return self.succeeded or self.cut or self.facts.filtered

    @property
    def waste(self) -> Waste | None:
        """Why nobody has the use of what is charged; None for a whole answer."""
        if self.facts.filtered:
            return "filtered"
        if not self.succeeded:
            return "left"
        return None if self.whole else "cut"

    @property
    def whole(self) -> bool:
        """The client got a complete answer."""
        facts = self.facts
        return self.status < 300 and not (
            self.cut or facts.broken or facts.error_in_band or facts.filtered
        )


_HIDDEN = frozenset({"bodies", "facts", "method", "path", "served_as", "time"})


def shown(entry: Entry, timestamp: str, *, bodies: bool = True) -> dict[str, Any]:
    """Return the entry as clients see it: members with nothing to say are absent."""
    document: dict[str, Any] = {"id": entry.id, "time": timestamp}
    for name in entry.__struct_fields__:
        value = getattr(entry, name)
        if name not in _HIDDEN and value is not None and value is not False:
            document[name] = value
    if bodies and entry.bodies is not None:
        document["request"] = entry.bodies.request
        document["response"] = entry.bodies.response
    return document
