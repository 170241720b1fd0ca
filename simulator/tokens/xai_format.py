"""Tokens of a prompt of xAI's models beside the texts of its messages.

Fitted to 42 chats with grok-4-1-fast-non-reasoning, recorded 2026-08; docs/models.md says how well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from simulator.tokens.json_text import compact
from simulator.tokens.prompt_format import (
    Api,
    Count,
    FunctionCall,
    PromptFormat,
    ResponseFormat,
    Tools,
)

_TOOLS, _NEXT_TOOL = 151, -3
_CALL, _NEXT_CALL, _ARGUMENT = 23, 16, 6
_SCHEMA = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class XaiFormat(PromptFormat):
    """Functions, calls and schemas stand in the prompt as JSON, with a fixed text around them."""

    def tools(self, tools: Tools, system: str | None, api: Api, count: Count) -> int:  # noqa: ARG002 the family's
        if not tools.functions:
            return 0
        shown = sum([count(compact(function)) for function in tools.functions])
        return _TOOLS + shown + _NEXT_TOOL * (len(tools.functions) - 1)

    def schema(
        self,
        form: ResponseFormat,
        system: str | None,  # noqa: ARG002 the family's
        api: Api,  # noqa: ARG002 the family's
        count: Count,
        *,
        answers: int,  # noqa: ARG002 the family's
    ) -> int:
        return _SCHEMA + count(compact(form.schema))

    def calls(self, calls: Sequence[FunctionCall], api: Api, count: Count) -> int:  # noqa: ARG002 the family's
        said = sum([count(name) + count(arguments) for name, arguments in calls])
        given = sum([_arguments(call) for call in calls])
        return said + _CALL + _NEXT_CALL * (len(calls) - 1) + _ARGUMENT * given


def _arguments(call: FunctionCall) -> int:
    """The number of arguments that a call has; text that is no JSON object, or too deep, has none."""
    try:
        return len(_OBJECT.decode(call.arguments))
    except (msgspec.DecodeError, RecursionError):
        return 0


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])

XAI = XaiFormat(
    assistant=11,
    call=0,
    responses_call=0,
    chat=0,
    responses=0,
    schema_chat=0,
    schema_responses=0,
    joined=False,
)
