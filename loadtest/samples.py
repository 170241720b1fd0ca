"""Samples: what became of each request, as its client saw it."""

from collections.abc import Mapping
from dataclasses import dataclass

Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One request. Times are seconds; `sent` counts from the first request of all."""

    sent: float
    elapsed: float
    status: int
    """0 if there was no answer."""
    limit: str = ""
    """Of a refusal, which limit it names: Requests, Tokens or nothing."""
    told_when: bool = False
    """Of a refusal, whether it says when to come back."""
    tokens: int = 0
    """Of the answer."""
    prompt_tokens: int = 0
    first_token: float | None = None
    """Seconds from the sending to the first piece of the answer's text."""
    instance: str = ""
    """Which of several instances answered, where the answer says so."""

    @property
    def admitted(self) -> bool:
        return self.status == 200

    @property
    def refused(self) -> bool:
        return self.status == 429

    @property
    def failed(self) -> bool:
        return not (self.admitted or self.refused)

    @property
    def done(self) -> float:
        return self.sent + self.elapsed


@dataclass(frozen=True, slots=True)
class Limits:
    """What the headers of an answer say of its deployment; None is no such limit."""

    requests: int | None
    tokens: int | None
    requests_left: int | None
    tokens_left: int | None

    @classmethod
    def told_by(cls, headers: Headers) -> "Limits":
        def figure(name: str) -> int | None:
            value = headers.get(f"x-ratelimit-{name}", "")
            return int(value) if value.isdigit() else None

        return cls(
            requests=figure("limit-requests"),
            tokens=figure("limit-tokens"),
            requests_left=figure("remaining-requests"),
            tokens_left=figure("remaining-tokens"),
        )


def refusal_of(headers: Headers) -> tuple[str, bool]:
    """Which limit a refusal names, and whether it says when to come back."""
    told = headers.get("retry-after-ms") or headers.get("retry-after") or ""
    return headers.get("x-ratelimit-type", ""), told.isdigit()
