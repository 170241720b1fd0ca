"""The tools of a chat request, and what its messages say to the rule that calls them."""

from collections.abc import Sequence

import msgspec

from simulator.catalogue.models import Model
from simulator.operations.chat.parameters import (
    AssistantMessage,
    ChatParameters,
    FunctionMessage,
    Message,
    TextPart,
    ToolMessage,
    UserMessage,
)
from simulator.operations.chat.tool_parameters import (
    AllowedToolChoice,
    FunctionDefinition,
    FunctionName,
    LegacyFunction,
    NamedFunction,
)
from simulator.synthesis.drafts import Draft
from simulator.synthesis.tool_selection import Tool, ToolChoice, Turn, chosen
from simulator.tokens.tokenizer import Tokenizer
from simulator.tokens.tool_definitions import count_tools


def tools_of(parameters: ChatParameters) -> tuple[Tool, ...]:
    """The tools offered, or the legacy functions."""
    if parameters.tools is not None:
        return tuple(_tool(tool.function) for tool in parameters.tools)
    if parameters.functions is not None:
        return tuple(_tool(function) for function in parameters.functions)
    return ()


def _tool(function: FunctionDefinition | LegacyFunction) -> Tool:
    return Tool(function.name, function.description or "", function.parameters or {})


def definition_tokens(
    parameters: ChatParameters, tools: Sequence[Tool], model: Model, tokenizer: Tokenizer
) -> int:
    """The prompt tokens of the tools, by the cookbook's rule, and of the answer's schema.

    What the real service makes of a schema is not known: its JSON text is counted.
    """

    def count(text: str) -> int:
        return tokenizer.count(text, model.encoding)

    schema = parameters.schema
    tokens = 0 if schema is None else count(msgspec.json.encode(schema).decode())
    definitions = [tool.definition for tool in tools]
    return tokens + count_tools(definitions, encoding=model.encoding, count=count)


def called_tools(parameters: ChatParameters, tools: Sequence[Tool]) -> tuple[Tool, ...]:
    """The tools that the answer calls; none of them: the answer is a text."""
    if not tools:
        return ()
    parallel = parameters.tools is not None and parameters.parallel_tool_calls is not False
    return chosen(tools, choice_of(parameters), turn_of(parameters.messages), parallel=parallel)


def choice_of(parameters: ChatParameters) -> ToolChoice:
    """`tool_choice`, or the legacy `function_call` where functions are offered."""
    option = parameters.tool_choice if parameters.tools else parameters.function_call
    match option:
        case None:
            return ToolChoice("auto")
        case FunctionName():
            return ToolChoice("required", frozenset({option.name}))
        case NamedFunction():
            return ToolChoice("required", frozenset({option.function.name}))
        case AllowedToolChoice():
            allowed = option.allowed_tools
            names = frozenset(tool.function.name for tool in allowed.tools)
            return ToolChoice(allowed.mode, names)
        case _:
            return ToolChoice(option)


def ending(parameters: ChatParameters, draft: Draft) -> str:
    """The finish reason of calls. A function that was forced by name ends with `stop`: OpenAI's guide
    on function calling, the edge cases."""
    if draft.finish_reason != "tool_calls":
        return draft.finish_reason
    option = parameters.tool_choice if parameters.tools else parameters.function_call
    if isinstance(option, NamedFunction | FunctionName):
        return "stop"
    return "tool_calls" if parameters.tools else "function_call"


def turn_of(messages: Sequence[Message]) -> Turn:
    """The last user message, and what was called since."""
    answered = isinstance(messages[-1], ToolMessage | FunctionMessage)
    called: list[str] = []
    for message in reversed(messages):
        if isinstance(message, UserMessage):
            return Turn(_text_of(message), called, answered)
        if isinstance(message, AssistantMessage):
            called += [call.function.name for call in message.tool_calls or ()]
            called += [message.function_call.name] if message.function_call else []
    return Turn("", called, answered)


def _text_of(message: UserMessage) -> str:
    if isinstance(message.content, str):
        return message.content
    parts = message.content or ()
    return "\n".join(part.text for part in parts if isinstance(part, TextPart))
