"""The summary of a chat request: its texts and tools, as rules see them."""

from collections.abc import Sequence

from simulator.operations.base import RequestSummary
from simulator.operations.chat.messages import (
    AssistantMessage,
    FunctionMessage,
    Message,
    ToolMessage,
)
from simulator.operations.chat.parameters import ChatParameters
from simulator.operations.chat.prompt import texts_of
from simulator.operations.chat.tools import tools_of, turn_of


def summary_of(parameters: ChatParameters) -> RequestSummary:
    messages = parameters.messages
    return RequestSummary(
        last_message=turn_of(messages).text,
        messages=tuple("\n".join(message.texts) for message in texts_of(messages)),
        tools=frozenset(tool.name for tool in tools_of(parameters)),
        tool_results=frozenset(_results(messages)),
        streamed=bool(parameters.stream),
    )


def _results(messages: Sequence[Message]) -> list[str]:
    """The names of the tools whose results are there; a result names only its call."""
    names: dict[str, str] = {}
    found: list[str] = []
    for message in messages:
        if isinstance(message, AssistantMessage):
            names |= {call.id: call.function.name for call in message.tool_calls or ()}
        elif isinstance(message, ToolMessage):
            found.append(names.get(message.tool_call_id) or message.name or "")
        elif isinstance(message, FunctionMessage):
            found.append(message.name)
    return [name for name in found if name]
