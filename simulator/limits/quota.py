"""The quota of a deployment: a standard one per minute, a provisioned one continuously."""

from dataclasses import dataclass
from typing import Literal

LimitKind = Literal["requests", "tokens"]


@dataclass(frozen=True, slots=True)
class StandardLimits:
    """Tokens and requests per minute; None is no limit (Microsoft's documentation, quota)."""

    tokens_per_minute: int | None
    requests_per_minute: int | None

    def requests_per_slice(self, slice_seconds: float, window_seconds: float) -> int:
        """The minute's requests that one slice of it may hold: its share, rounded up, at least 1."""
        if self.requests_per_minute is None:
            raise ValueError("requests are not limited")
        share = -(-self.requests_per_minute * slice_seconds // window_seconds)
        return max(1, int(share))


@dataclass(frozen=True, slots=True)
class ProvisionedLimits:
    """Provisioned throughput: `ptu` units, each worth `input_tpm_per_ptu` input tokens a minute.

    One output token weighs as much as `output_ratio` input tokens (Microsoft's documentation,
    provisioned throughput).
    """

    ptu: int
    input_tpm_per_ptu: int
    output_ratio: int

    @property
    def tokens_per_minute(self) -> int:
        """Input tokens a minute that all units together work off."""
        return self.ptu * self.input_tpm_per_ptu

    def weight(self, prompt: int, output: int) -> int:
        """A request in input tokens."""
        return prompt + self.output_ratio * output
