"""Drafts of calls of tools: their arguments, and as many of them as there is room for."""

import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import msgspec

from simulator.budget import Budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.synthesis.filler_text import FillerText
from simulator.synthesis.json_text import JsonText
from simulator.synthesis.script import ScriptedCall
from simulator.synthesis.tool_selection import Tool
from simulator.tokens.tokenizer import Tokenizer

T = TypeVar("T")

# Tokens of a call beside those of the function's name and of its arguments: recorded with
# gpt-4o and gpt-4.1-mini (chat, 2025); a recording of the Responses API has one more.
CALL_TOKENS = 7
# The size of a call's arguments, in tokens, where their schema leaves room for it.
_ARGUMENTS_SIZE = 24
# The most tokens of a text that matches a pattern.
_LONGEST_MATCH = 4096
_NO_PARAMETERS: Mapping[str, object] = {"type": "object", "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class CallDraft:
    """A call of `tool`: its arguments are JSON in `pieces`, or its text; `tokens` counts the whole call.

    Not `whole` if there was no room for all of it.
    """

    tool: Tool
    pieces: Sequence[str]
    tokens: int
    whole: bool = True

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)


class CallDrafts(NamedTuple):
    """The calls of one answer; not `whole` if there was no room for all of them."""

    calls: tuple[CallDraft, ...]
    whole: bool

    @property
    def tokens(self) -> int:
        return sum(call.tokens for call in self.calls)


class CallWriter:
    """Writes calls up to the token at which there is no room any more, cut in the last of them."""

    def __init__(self, filler_text: FillerText, tokenizer: Tokenizer, json_text: JsonText) -> None:
        self._filler_text = filler_text
        self._tokenizer = tokenizer
        self._json_text = json_text

    def generated(
        self,
        tools: Sequence[Tool],
        most: int,
        encoding: str,
        *,
        rng: random.Random,
        budget: Budget,
    ) -> CallDrafts:
        """A call of each tool, within `most` tokens. Raises UnsatisfiableSchema."""

        def call(tool: Tool, left: int) -> CallDraft:
            return self._generated(tool, left, encoding, rng=rng, budget=budget)

        return _within(most, tools, call)

    def scripted(self, calls: Sequence[ScriptedCall], most: int, encoding: str) -> CallDrafts:
        """The chosen calls, within `most` tokens."""

        def draft(call: ScriptedCall, left: int) -> CallDraft:
            head = self._head(call.name, left, encoding)
            pieces = self._tokenizer.split(call.arguments, encoding)
            kept = pieces[: left - head]
            return CallDraft(Tool(call.name), kept, head + len(kept), len(kept) == len(pieces))

        return _within(most, calls, draft)

    def _head(self, name: str, most: int, encoding: str) -> int:
        return min(most, CALL_TOKENS + self._tokenizer.count(name, encoding))

    def _generated(
        self, tool: Tool, most: int, encoding: str, *, rng: random.Random, budget: Budget
    ) -> CallDraft:
        head = self._head(tool.name, most, encoding)
        if tool.free:
            written = self._free_text(tool, encoding, rng, budget)
            pieces = written[: most - head]
            return CallDraft(tool, pieces, head + len(pieces), len(pieces) == len(written))
        pieces, whole = self._json_text.instance(
            tool.parameters or _NO_PARAMETERS,
            rng,
            encoding=encoding,
            size=_ARGUMENTS_SIZE,
            most=most - head,
            budget=budget,
            guided=True,
        )
        return CallDraft(tool, pieces, head + len(pieces), whole)

    def _free_text(
        self, tool: Tool, encoding: str, rng: random.Random, budget: Budget
    ) -> Sequence[str]:
        """A text for a custom tool: one that its pattern or grammar allows, if there is any."""
        if tool.grammar is not None:
            # Few requests have a grammar: no start waits for what reads them.
            from simulator.synthesis.lark_text import text_of_grammar

            with contextlib.suppress(UnsatisfiableSchema):
                text = text_of_grammar(tool.grammar, rng, budget)
                return self._tokenizer.split(text, encoding)
        if tool.pattern is not None:
            schema = {"type": "string", "pattern": f"^(?:{tool.pattern})$"}
            try:
                pieces, whole = self._json_text.instance(
                    schema,
                    rng,
                    encoding=encoding,
                    size=_ARGUMENTS_SIZE,
                    most=_LONGEST_MATCH,
                    budget=budget,
                    guided=False,
                )
            except UnsatisfiableSchema:
                whole, pieces = False, ()
            if whole:
                text: str = msgspec.json.decode("".join(pieces), type=str)
                return self._tokenizer.split(text, encoding)
        return self._filler_text.pieces(_ARGUMENTS_SIZE, rng)


def _within(most: int, wanted: Sequence[T], draft: Callable[[T, int], CallDraft]) -> CallDrafts:
    calls: list[CallDraft] = []
    left = most
    for one in wanted:
        if calls and left <= 0:
            break
        calls.append(draft(one, left))
        left -= calls[-1].tokens
    return CallDrafts(tuple(calls), len(calls) == len(wanted) and calls[-1].whole)
