"""The tools of a chat request, and what its messages say to the rule that calls them."""

from collections.abc import Sequence

from simulator.catalogue.models import Model
from simulator.operations.chat.messages import (
    AssistantMessage,
    FunctionMessage,
    Message,
    TextPart,
    ToolMessage,
    UserMessage,
)
from simulator.operations.chat.parameters import (
    AllowedToolChoice,
    ChatParameters,
    FunctionDefinition,
    FunctionName,
    LegacyFunction,
    NamedFunction,
)
from simulator.operations.chat.prompt import system_text
from simulator.synthesis.drafts import Draft
from simulator.synthesis.tool_selection import Tool, ToolChoice, Turn, chosen
from simulator.tokens.prompt_format import ResponseFormat, Tools
from simulator.tokens.tokenizer import Tokenizer

_RESULTS = (ToolMessage, FunctionMessage)


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
    """The prompt tokens of the tools and of the answer's schema."""

    def count(text: str) -> int:
        return tokenizer.count(text, model.encoding)

    system = system_text(parameters.messages)
    offered = Tools([tool.function for tool in tools], _forced(parameters))
    tokens = model.prompt_format.tools(offered, system, "chat", count)
    form = parameters.response_format and parameters.response_format.json_schema
    if form is None or parameters.schema is None:
        return tokens
    shown = ResponseFormat(form.name, form.description or "", parameters.schema)
    answers = sum(isinstance(m, AssistantMessage) and not m.tool_calls for m in parameters.messages)
    if tools and system is None:
        # It follows the tools, in the message that they are in.
        system = "functions"
    return tokens + model.prompt_format.schema(
        shown, system, "chat", count, answers=answers if tools else answers + 1
    )


def _forced(parameters: ChatParameters) -> str | None:
    match parameters.tool_choice if parameters.tools else parameters.function_call:
        case NamedFunction() as option:
            return option.function.name
        case FunctionName() as option:
            return option.name
        case _:
            return None


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
    return "function_call" if parameters.functions else "tool_calls"


def turn_of(messages: Sequence[Message]) -> Turn:
    """The last user message, and what was called since."""
    answered = isinstance(messages[-1], _RESULTS)
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
