"""The tools of a message, and what its turns say to the rule that calls them."""

from collections.abc import Sequence

from simulator.operations.anthropic.parameters import (
    AnyChoice,
    Message,
    NamedChoice,
    NoChoice,
    PromptParameters,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from simulator.operations.anthropic.prompt import text_of
from simulator.operations.base import RequestSummary
from simulator.synthesis.tool_selection import Tool, ToolChoice, Turn, chosen


def tools_of(parameters: PromptParameters) -> tuple[Tool, ...]:
    """The tools that may be called: those of the client's own."""
    return tuple(
        Tool(tool.name, tool.description or "", tool.input_schema or {})
        for tool in parameters.tools or ()
        if tool.custom
    )


def called_tools(parameters: PromptParameters, tools: Sequence[Tool]) -> tuple[Tool, ...]:
    """The tools that the answer calls; none of them: the answer is a text."""
    if not tools:
        return ()
    choice = parameters.tool_choice
    parallel = choice is None or not choice.disable_parallel_tool_use
    return chosen(tools, _choice(parameters), _turn(parameters.messages), parallel=parallel)


def _choice(parameters: PromptParameters) -> ToolChoice:
    match parameters.tool_choice:
        case NamedChoice() as choice:
            return ToolChoice("required", frozenset({choice.name}))
        case AnyChoice():
            return ToolChoice("required")
        case NoChoice():
            return ToolChoice("none")
        case _:
            return ToolChoice("auto")


def _turn(messages: Sequence[Message]) -> Turn:
    """The last text of the user, and what was called since."""
    answered = bool(_results(messages[-1]))
    called: set[str] = set()
    for message in reversed(messages):
        if message.role == "user" and (text := _user_text(message)) and not _results(message):
            return Turn(text, called, answered)
        called |= {block.name for block in message.blocks if isinstance(block, ToolUseBlock)}
    return Turn("", called, answered)


def _user_text(message: Message) -> str:
    return "\n".join(block.text for block in message.blocks if isinstance(block, TextBlock))


def _results(message: Message) -> list[ToolResultBlock]:
    return [block for block in message.blocks if isinstance(block, ToolResultBlock)]


def summary_of(parameters: PromptParameters, *, streamed: bool) -> RequestSummary:
    """The texts and tools of a request that rules look at."""
    messages = parameters.messages
    systems = [block.text for block in parameters.system_blocks]
    texts = ["\n".join(filter(None, map(text_of, message.blocks))) for message in messages]
    names = {
        block.id: block.name
        for message in messages
        for block in message.blocks
        if isinstance(block, ToolUseBlock)
    }
    results = [names.get(one.tool_use_id, "") for message in messages for one in _results(message)]
    said = [
        text for message in messages if message.role == "user" and (text := _user_text(message))
    ]
    return RequestSummary(
        last_message=said[-1] if said else "",
        messages=tuple(text for text in ("\n".join(systems), *texts) if text),
        tools=frozenset(tool.name for tool in tools_of(parameters)),
        tool_results=frozenset(filter(None, results)),
        streamed=streamed,
    )
