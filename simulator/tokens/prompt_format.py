"""Tokens of a prompt beside the texts of its messages, by family: tools, calls and schemas.

The numbers were fitted to recorded exchanges; docs/models.md says how well, and where they are thin.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import msgspec

from simulator.tokens.response_format_text import response_format_text
from simulator.tokens.tool_text import Schema, text, tools_text

Count = Callable[[str], int]
"""The tokens of a text in the model's encoding."""

Api = Literal["chat", "responses"]

# The message with parallel calls is JSON, and their results share the cost of one message of four.
_PARALLEL, _PARALLEL_CALL = 16, -4
_FORCED = 6
_NAMED = 2

# A text that is appended to the system message is counted with the end of it, as tokens may join.
_SEAM = 256


class FunctionCall(NamedTuple):
    """A call that an earlier assistant message made."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tools:
    """Function definitions as decoded from JSON, and the name of the one that has to be called."""

    functions: Sequence[Schema]
    forced: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """A JSON schema for the answer, with its name and description."""

    name: str
    description: str
    schema: Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFormat:
    """The constants of one family of models.

    `chat` and `responses` are what a text of tools costs beyond its tokens, `schema_*` likewise.
    With `joined`, chat appends such texts to the system message, if there is one.
    """

    assistant: int
    call: int
    responses_call: int
    chat: int
    responses: int
    schema_chat: int
    schema_responses: int
    joined: bool
    known_call: int = 0
    """The tokens that a call in responses costs more if it comes back with the id of its item."""
    known_alone: bool = False
    """`known_call` is added only to calls without another one beside them."""
    twice_named: bool = False
    """Responses name the function in its result as in its call."""
    additional: int = 4
    """The tokens that tools within the input cost beyond those of their text."""
    described: int = 0
    """The tokens that are added once if a function has a description."""
    forced: bool = False
    """A tool that has to be called by name costs more."""
    named_schema: bool = False
    """Each answer in chat has the name of the schema."""
    union: str = " | "
    dropped: frozenset[str] = frozenset({"required"})
    """Keywords that a schema is shown without."""

    def tools(self, tools: Tools, system: str | None, api: Api, count: Count) -> int:
        """The cost of the tools offered; `system` is the first system message."""
        if not tools.functions:
            return 0
        shown = tools_text(tools.functions, union=self.union)
        if any(text(function.get("description")) for function in tools.functions):
            extra = self.described
        else:
            extra = 0
        if self.forced and tools.forced is not None:
            extra += _FORCED + count(f"functions.{tools.forced}")
        if api == "responses":
            return count(shown) + self.responses + extra
        return self._placed(shown, self.chat, system, count) + extra

    def schema(
        self, form: ResponseFormat, system: str | None, api: Api, count: Count, *, answers: int
    ) -> int:
        """The cost of the schema that `answers` messages, those of the history and the one to come,
        have to fit (an answer that may be a call is not counted)."""
        shown = response_format_text(form.name, form.description, form.schema, self.dropped)
        if api == "responses":
            return count(shown) + self.schema_responses
        named = (count(form.name) + _NAMED) * answers if self.named_schema else 0
        return self._placed(shown, self.schema_chat, system, count) + named

    def added(self, functions: Sequence[Schema], count: Count) -> int:
        """The cost of tools that an item of the input adds."""
        return count(tools_text(functions, union=self.union)) + self.additional if functions else 0

    def calls(self, calls: Sequence[FunctionCall], api: Api, count: Count) -> int:
        """The cost of one message's calls, beyond the four tokens of each message of the round."""
        more = self.call if api == "chat" else self.responses_call
        if len(calls) == 1:
            name, arguments = calls[0]
            called = count(f"functions.{name}")
            again = called if self.twice_named and api == "responses" else count(name)
            return again + called + count(_compact(arguments)) + more
        uses = ",".join(
            f'{{"recipient_name":"functions.{name}","parameters":{_compact(arguments)}}}'
            for name, arguments in calls
        )
        return count(f'{{"tool_uses":[{uses}]}}') + _PARALLEL + _PARALLEL_CALL * len(calls) + more

    def _placed(self, shown: str, alone: int, system: str | None, count: Count) -> int:
        if not self.joined or system is None:
            return count(shown) + alone
        end = system[-_SEAM:]
        return count(f"{end}\n\n{shown}") - count(end) + alone - 4


def _compact(arguments: str) -> str:
    """The JSON without blanks; text that is no JSON, or nested too deeply, stays as it is."""
    try:
        return msgspec.json.format(arguments, indent=-1)
    except (msgspec.DecodeError, RecursionError):
        return arguments


GPT_4O = PromptFormat(
    assistant=0,
    call=4,
    responses_call=2,
    known_call=3,
    known_alone=True,
    chat=3,
    responses=-3,
    schema_chat=4,
    schema_responses=1,
    joined=True,
    forced=True,
    named_schema=True,
    union="|",
    dropped=frozenset({"required", "additionalProperties", "default", "minimum", "maximum"})
    | {"maxItems"},
)
"""gpt-4o and gpt-4.1; gpt-35-turbo and gpt-4 come within a few tokens of it."""

O_SERIES = PromptFormat(
    assistant=0,
    call=4,
    responses_call=5,
    chat=4,
    responses=4,
    schema_chat=6,
    schema_responses=1,
    joined=False,
)
"""o1 to o4-mini: fitted to five recordings only."""

GPT_5 = PromptFormat(
    assistant=2,
    call=10,
    responses_call=7,
    known_call=3,
    twice_named=True,
    additional=87,
    chat=84,
    responses=2,
    schema_chat=-5,
    schema_responses=-5,
    joined=False,
    described=1,
)
"""gpt-5 to gpt-5.3. In chat its tools come with a text of 82 tokens that Responses has not."""

GPT_54 = replace(GPT_5, responses_call=10, additional=85)
"""gpt-5.4 and later."""
