"""The tools that a request offers, and the rule by which they are called."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from simulator.synthesis.keywords import property_names, stems

_NAME_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that may be called; `parameters` is its JSON schema, an empty one if it takes none.

    A custom tool takes a text instead (`free`), which matches `pattern` or follows the Lark `grammar`, if
    there is one.
    """

    name: str
    description: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    free: bool = False
    pattern: str | None = None
    grammar: str | None = None
    namespace: tuple[str, str] | None = None
    """The name and the description of what it belongs to."""
    deferred: bool = False
    """The model is shown it only when the service has searched for it."""
    searches: bool = False
    """It is the client's search for tools."""

    @property
    def function(self) -> dict[str, object]:
        """The definition, as a chat request has it."""
        return {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """The request's rule on calling tools; `names` are those it is confined to (None: all).

    A named function is `ToolChoice("required", frozenset({name}))`.
    """

    mode: Literal["none", "auto", "required"] = "auto"
    names: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """The state of a conversation: the last user message, and the calls since."""

    text: str
    called: Collection[str] = ()
    """Names of the tools called since that message."""
    answered: bool = False
    """The conversation ends with the result of a tool."""


def chosen(
    tools: Sequence[Tool], choice: ToolChoice, turn: Turn, *, parallel: bool = True
) -> tuple[Tool, ...]:
    """The tools to call, in the order of `tools`; none of them: a text is the answer.

    The rule, which is also in docs/tools.md:

    * After a tool's result, `auto` calls nothing, so that an agent loop ends.
    * Else, a tool is called whose name stands in the last user message, or which shares a word with
      it: a word of the tool's name counts three, one of its description or of a parameter's name
      counts one; the tool with the highest sum is called, of equal ones the first.
    * Unless `parallel` is False, each further tool is called, in the order of the sums, that is
      named or shares a word of its name which no tool before it shares.
    * `required` calls the best tool even if it shares no word. After a result it prefers those not
      called since the last user message, and calls one only.
    """
    offered = [tool for tool in tools if choice.names is None or tool.name in choice.names]
    if choice.mode == "none" or not offered:
        return ()
    if turn.answered:
        return () if choice.mode == "auto" else (_next(offered, turn),)
    words = frozenset(stems(turn.text))
    matches = sorted((_match(tool, turn.text, words) for tool in offered), key=_rank)
    called = [match.tool for match in _clear(matches) if match.sum]
    if choice.mode == "required":
        called = called or [matches[0].tool]
    kept = called if parallel else called[:1]
    return tuple(tool for tool in offered if tool in kept)


@dataclass(frozen=True, slots=True)
class _Match:
    tool: Tool
    named: bool
    name_words: frozenset[str]
    """The words of the tool's name that the text has."""
    sum: int


def _match(tool: Tool, text: str, words: Collection[str]) -> _Match:
    named = _stands_in(tool.name, text)
    in_name = frozenset(stems(tool.name)).intersection(words)
    rest = {
        *stems(tool.description),
        *stems(" ".join(property_names(tool.parameters))),
    }
    total = _NAME_WEIGHT * len(in_name) + len(rest.difference(in_name).intersection(words))
    return _Match(tool, named, in_name, total + named)


def _stands_in(name: str, text: str) -> bool:
    # A hyphen may be part of a name, so none may stand beside it.
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None


def _rank(match: _Match) -> tuple[bool, int]:
    return not match.named, -match.sum


def _clear(matches: Sequence[_Match]) -> list[_Match]:
    """The best match, and each further one that is named or has a word of its name to itself."""
    kept = list(matches[:1])
    taken = set(matches[0].name_words)
    for match in matches[1:]:
        if match.named or match.name_words - taken:
            kept.append(match)
            taken |= match.name_words
    return kept


def _next(offered: Sequence[Tool], turn: Turn) -> Tool:
    waiting = [tool for tool in offered if tool.name not in turn.called] or offered[-1:]
    words = frozenset(stems(turn.text))
    return min((_match(tool, turn.text, words) for tool in waiting), key=_rank).tool
