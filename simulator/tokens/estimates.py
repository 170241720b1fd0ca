"""Estimates of the tokens that models without a rank file count: a known encoding, times a factor.

The factors were measured on 2026-11-29 with tokenizers that their makers, or others, have published;
docs/models.md says with which, and how far texts are off.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Estimate(NamedTuple):
    """`percent` of the tokens that `encoding` counts, rounded up."""

    encoding: str
    percent: int

    def of(self, tokens: int) -> int:
        return -(-tokens * self.percent // 100)


ESTIMATES: Mapping[str, Estimate] = MappingProxyType(
    {
        "claude": Estimate("o200k_base", 112),
        "claude-4.7": Estimate("o200k_base", 147),
        "deepseek": Estimate("o200k_base", 105),
        "llama": Estimate("cl100k_base", 100),
        "mistral": Estimate("o200k_base", 105),
        "other": Estimate("o200k_base", 100),
        "phi": Estimate("cl100k_base", 100),
        "phi-mini": Estimate("o200k_base", 100),
    }
)
"""By the name that a model's tokenizer has in the catalogue."""
