"""The prompt of a response: the messages of its items, their tokens, and the room they leave."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import CONTEXT_LENGTH, InvalidRequest
from simulator.json_schema.json_values import is_array, is_object
from simulator.operations.chat.messages import (
    AssistantMessage,
    DeveloperMessage,
    FilePart,
    FunctionCall,
    ImagePart,
    ImageUrl,
    Message,
    SystemMessage,
    TextPart,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from simulator.operations.chat.messages import File as ChatFile
from simulator.operations.chat.messages import Part as ChatPart
from simulator.operations.chat.prompt import count_prompt, texts_of
from simulator.operations.responses.encrypted_content import tokens_of
from simulator.operations.responses.items import (
    CALLS,
    OUTPUTS,
    InputFile,
    InputImage,
    Item,
    Part,
    Refusal,
    breakpoint_of,
)
from simulator.operations.responses.parameters import ResponseParameters, ToolChoice
from simulator.synthesis.tool_selection import Tool
from simulator.tokens.prompt_format import Count, ResponseFormat, Tools
from simulator.tokens.tokenizer import MessageText, Tokenizer


@dataclass(frozen=True, slots=True)
class Prompt:
    """The input of the model: `tokens` long, with `room` for the tokens of an answer."""

    texts: Sequence[MessageText]
    tokens: int
    room: int
    asked: bool = True
    """The input ends with a message, and not with the results of tools."""
    messages: Sequence[Message] = ()
    """The input as messages of a chat, the instructions first."""

    @property
    def characters(self) -> int:
        return sum(len(text) for message in self.texts for text in message.texts)


def read_prompt(
    items: Sequence[Item],
    parameters: ResponseParameters,
    functions: Sequence[Tool],
    *,
    model: Model,
    tokenizer: Tokenizer,
) -> Prompt:
    """The prompt of these items, cut at its beginning if the request lets it; else `InvalidRequest`."""
    messages = [message for item in items if (message := _message(item)) is not None]
    instructions = parameters.instructions
    head: list[Message] = [SystemMessage(content=instructions)] if instructions else []
    longest = model.max_input or model.context_window

    def count(some: Sequence[Message]) -> int:
        return count_prompt(some, model, tokenizer, "responses")

    tokens = count([*head, *messages]) + _shown(parameters, functions, model, tokenizer)
    tokens += sum([tokens_of(content) for content in _encrypted(items, parameters, model)])
    tokens += _beside(items, model, tokenizer)
    if tokens > longest and parameters.truncation == "auto":
        alone = count([])
        while tokens > longest and len(messages) > 1:
            tokens -= count([messages.pop(0)]) - alone
    if tokens > longest:
        raise _too_long()
    asked = not items or items[-1].kind not in OUTPUTS
    said = [*head, *messages]
    return Prompt(texts_of(said), tokens, _room(tokens, model), asked, said)


def _room(tokens: int, model: Model) -> int:
    window = capabilities_of(model).responses_budget or model.context_window
    return max(1, min(window - tokens, model.max_output))


def _encrypted(
    items: Sequence[Item], parameters: ResponseParameters, model: Model
) -> Iterator[str]:
    """The encrypted content that the model reads: compacted conversations, and the reasoning since the last
    message of the user (a recorded round of tools of 2026-08), or all of it."""
    context = parameters.reasoning.context if parameters.reasoning else None
    if context in (None, "auto"):
        context = capabilities_of(model).reasoning_context
    since = 0
    if context != "all_turns":
        since = max([at for at, item in enumerate(items) if item.role == "user"], default=0)
    for at, item in enumerate(items):
        if item.kind == "compaction" or (item.kind == "reasoning" and at > since):
            yield item.encrypted_content or ""


def _too_long() -> InvalidRequest:
    return InvalidRequest(
        "Your input exceeds the context window of this model. Please adjust your input and try "
        "again.",
        param="input",
        code=CONTEXT_LENGTH,
    )


def _beside(items: Sequence[Item], model: Model, tokenizer: Tokenizer) -> int:
    """The tokens of tools that items add, and what calls cost more whose items are known by their ids."""
    form = model.prompt_format
    tokens = 0
    for index, item in enumerate(items):
        if item.kind == "additional_tools":
            tokens += form.added(_functions(item.tools), _counter(model, tokenizer))
        elif item.kind in CALLS and item.id is not None:
            near = items[max(0, index - 1) : index + 2]
            beside = sum(other.kind in CALLS for other in near) > 1
            tokens += 0 if beside and form.known_alone else form.known_call
    return tokens


def _functions(tools: object) -> list[Mapping[str, object]]:
    listed = list(tools) if is_array(tools) else []
    return [tool for tool in listed if is_object(tool) and tool.get("type") == "function"]


def _counter(model: Model, tokenizer: Tokenizer) -> Count:
    return lambda text: tokenizer.count(text, model.encoding)


def _shown(
    parameters: ResponseParameters, functions: Sequence[Tool], model: Model, tokenizer: Tokenizer
) -> int:
    """The tokens of the functions and of the answer's schema."""
    count = _counter(model, tokenizer)
    option, form = parameters.tool_choice, parameters.format
    forced = option.name if isinstance(option, ToolChoice) else None
    tools = Tools([tool.function for tool in functions], forced)
    tokens = model.prompt_format.tools(tools, None, "responses", count)
    if form.schema is None:
        return tokens
    shown = ResponseFormat(form.name or "", form.description or "", form.schema)
    return tokens + model.prompt_format.schema(shown, None, "responses", count, answers=1)


def check_pairs(items: Sequence[Item]) -> None:
    """Refuses a call without its output and an output without its call, reported by users."""
    calls = {(item.kind, item.call_id) for item in items if item.kind in CALLS}
    outputs = {(item.kind, item.call_id) for item in items if item.kind in OUTPUTS}
    for item in items:
        words = "custom tool call" if item.kind.startswith("custom") else "function call"
        call = item.kind.removesuffix("_output")
        if item.kind in OUTPUTS and (call, item.call_id) not in calls:
            raise InvalidRequest(
                f"No tool call found for {words} output with call_id {item.call_id}.",
                param="input",
            )
        if item.kind in CALLS and (f"{item.kind}_output", item.call_id) not in outputs:
            raise InvalidRequest(f"No tool output found for {words} {item.call_id}.", param="input")


def check_says_json(items: Sequence[Item]) -> None:
    """JSON mode wants the word in a message, lest the model writes blanks until the end."""
    texts = [text for item in items for text in _texts(item)]
    if not any("json" in text.lower() for text in texts):
        raise InvalidRequest(
            "Response input messages must contain the word 'json' in some form to use 'text.format' "
            "of type 'json_object'.",
            param="text.format",
        )


def _texts(item: Item) -> list[str]:
    return [text for part in item.parts if (text := _text_of(part))]


def _message(item: Item) -> Message | None:
    """The chat message that counts what the item does; None for what a model does not read again:
    reasoning, references, and the calls of built-in tools."""
    if item.kind == "message":
        return _spoken(item)
    if item.kind in CALLS:
        said = item.input if isinstance(item.input, str) else item.arguments
        call = FunctionCall(name=item.name or "", arguments=said if isinstance(said, str) else "")
        return AssistantMessage(tool_calls=[ToolCall(id=item.call_id or "", function=call)])
    if item.kind in OUTPUTS:
        return ToolMessage(content=_output(item), tool_call_id=item.call_id or "")
    return None


def _spoken(item: Item) -> Message:
    if item.role == "user":
        return UserMessage(content=[_chat_part(part) for part in item.parts])
    content = [_text_part(part) for part in item.parts if _text_of(part)]
    if item.role == "assistant":
        return AssistantMessage(content=[*content])
    return (
        DeveloperMessage(content=content)
        if item.role == "developer"
        else SystemMessage(content=content)
    )


def _output(item: Item) -> str | list[TextPart]:
    said = item.outcome
    if isinstance(said, str):
        return said
    return [_text_part(part) for part in said] or ""


def _chat_part(part: Part) -> ChatPart:
    if isinstance(part, InputImage):
        detail = None if part.detail == "original" else part.detail
        return ImagePart(
            image_url=ImageUrl(url=part.image_url or "", detail=detail),
            prompt_cache_breakpoint=part.prompt_cache_breakpoint,
        )
    if isinstance(part, InputFile):
        return FilePart(
            file=ChatFile(filename=part.filename),
            prompt_cache_breakpoint=part.prompt_cache_breakpoint,
        )
    return _text_part(part)


def _text_part(part: Part) -> TextPart:
    return TextPart(text=_text_of(part), prompt_cache_breakpoint=breakpoint_of(part))


def _text_of(part: Part) -> str:
    if isinstance(part, InputImage | InputFile):
        return ""
    return part.refusal if isinstance(part, Refusal) else part.text
