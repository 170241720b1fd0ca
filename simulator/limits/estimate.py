"""The estimate of the tokens that a request is charged on arrival, as documented or measured."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

EstimateRule = Literal[
    "documented", "measured-2024", "measured-2024-turbo", "measured-2025", "measured-2026"
]

CHAT_MAX_TOKENS = 640
"""Charged for a chat answer of unset length (measured 2024 on gpt-4 and gpt-4o)."""
COMPLETION_MAX_TOKENS = 16
"""The documented default of `max_tokens` (OpenAPI document 2024-10-21)."""


class TokenDemand(Struct, frozen=True):
    """The facts of a request that are known on arrival.

    `max_tokens` is what the client allows for one answer (None: unset), `assumed_tokens` what is
    assumed then (None: the answer is no text), `choices` the greater of `n` and `best_of`.
    """

    prompt_characters: int
    prompt_tokens: int
    max_tokens: int | None = None
    choices: int = 1
    assumed_tokens: int | None = None

    @property
    def writes(self) -> bool:
        """True if the answer is text, whose length `max_tokens` bounds."""
        return self.assumed_tokens is not None

    @property
    def quarter(self) -> int:
        """A token for every four characters, rounded up (measured on embeddings)."""
        return -(-self.prompt_characters // 4)

    @property
    def output(self) -> int:
        """The tokens that may be produced, by the operation's default where the client sets none."""
        if self.assumed_tokens is None:
            return 0
        limit = self.assumed_tokens if self.max_tokens is None else self.max_tokens
        return limit * self.choices


def _documented(demand: TokenDemand) -> int:
    return demand.quarter + demand.output


def _measured_2024(demand: TokenDemand) -> int:
    if not demand.writes:
        return demand.quarter
    limit = CHAT_MAX_TOKENS if demand.max_tokens is None else demand.max_tokens
    return demand.prompt_characters // 4 + 1 + limit * demand.choices


def _measured_2024_turbo(demand: TokenDemand) -> int:
    if not demand.writes:
        return demand.quarter
    return (
        COMPLETION_MAX_TOKENS if demand.max_tokens is None else demand.max_tokens
    ) * demand.choices


def _measured_2025(demand: TokenDemand) -> int:
    return demand.prompt_characters // 4 + 1 if demand.writes else demand.quarter


def _measured_2026(demand: TokenDemand) -> int:
    return demand.prompt_tokens + 6 if demand.writes else demand.prompt_tokens


_RULES: Mapping[EstimateRule, Callable[[TokenDemand], int]] = MappingProxyType(
    {
        "documented": _documented,
        "measured-2024": _measured_2024,
        "measured-2024-turbo": _measured_2024_turbo,
        "measured-2025": _measured_2025,
        "measured-2026": _measured_2026,
    }
)


def estimator(rule: EstimateRule) -> Callable[[TokenDemand], int]:
    """Return the function that estimates the tokens charged for a request.

    * documented: the prompt, a token for four characters, and `max_tokens` times `best_of` or `n`
      (Microsoft's documentation, quota); an unset `max_tokens` is 16 for completions, 640 for chat.
    * measured-2024: floor(characters / 4) + 1 + (`max_tokens` or 640), on gpt-4 and gpt-4o.
    * measured-2024-turbo: `max_tokens` or 16, the prompt ignored, on gpt-35-turbo.
    * measured-2025: floor(characters / 4) + 1, `max_tokens` ignored.
    * measured-2026: the counted prompt and 6, `max_tokens` ignored (two observations).
    """
    return _RULES[rule]
