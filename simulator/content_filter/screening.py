"""A screening: what the content filter is to do with one call and its answer."""

from collections.abc import Callable

from msgspec import Struct

from simulator.catalogue.phrases import Phrases
from simulator.content_filter.findings import Findings
from simulator.errors import ApiError

Split = Callable[[str], list[str]]
"""Splits a text into one string for each token."""


class Cut(Struct, frozen=True):
    """The place at which an answer is cut: a word, or behind a number of tokens."""

    findings: Findings
    after_tokens: int = 0
    at: Phrases | None = None


class FilterAction(Struct, frozen=True):
    """A rule's decision: what blocks the prompt, what cuts the answer, and what is annotated."""

    prompt: Findings = ()
    cut: Cut | None = None
    prompt_notes: Findings = ()
    completion_notes: Findings = ()
    charged: bool = True
    unavailable: bool = False
    """The filter is down, and finds nothing."""


class Screening(Struct, frozen=True):
    """`refusal` blocks the prompt. Words of `blocklists` cut the answer, or with `notes_words` are
    annotated alone. An `asynchronous` filter looks at what has left already."""

    split: Split
    refusal: ApiError | None = None
    charged: bool = True
    prompt_notes: Findings = ()
    completion_notes: Findings = ()
    cut: Cut | None = None
    blocklists: Phrases | None = None
    notes_words: bool = False
    asynchronous: bool = False
    prompt_characters: int = 0
    unavailable: bool = False

    @property
    def changes_answer(self) -> bool:
        notes = self.prompt_notes or self.completion_notes
        found = notes or self.cut or self.blocklists
        return bool(found or self.asynchronous or self.unavailable)
