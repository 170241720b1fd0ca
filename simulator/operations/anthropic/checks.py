"""Checks on requests for messages whose shape is right, in Anthropic's words (reported by users)."""

from collections.abc import Iterable, Mapping, Sequence, Set

from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.messages import Request
from simulator.operations.anthropic.parameters import (
    DocumentBlock,
    Message,
    MessageParameters,
    NamedChoice,
    NoChoice,
    PromptParameters,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from simulator.operations.anthropic.thinking import (
    BEFORE_ADAPTIVE,
    NEWER_TOKENIZER,
    check_thinking,
    check_turns,
)
from simulator.operations.schema_checks import SchemaChecks

VERSION_HEADER = "anthropic-version"
LARGEST_BODY = 32 * 2**20
_VERSIONS = frozenset({"2023-01-01", "2023-06-01", "2026-10-21"})
_WITHOUT_SAMPLING = "2026-10-21"
"""The version that has removed these parameters (Anthropic's page on versions)."""
_SAMPLING = ("temperature", "top_k", "top_p")
_SCHEMA = (
    "JSON schema is invalid. It must match JSON Schema draft 2020-12 "
    "(https://json-schema.org/draft/2020-12). Learn more about tool use at "
    "https://docs.claude.com/en/docs/tool-use."
)


class TooLarge(InvalidRequest):
    """A body beyond what Anthropic's page on errors allows."""

    status = 413


def check_request(request: Request) -> None:
    """Refuses a request without a version, and a body that is too large."""
    version = request.headers.get(VERSION_HEADER)
    if not version:
        raise InvalidRequest(f"{VERSION_HEADER}: header is required")
    if version not in _VERSIONS:
        raise InvalidRequest(f'{VERSION_HEADER}: "{version[:64]}" is not a valid version')
    if len(request.body) > LARGEST_BODY:
        raise TooLarge("Request exceeds the maximum size")


def check_prompt(
    parameters: PromptParameters, model: Model, schemas: SchemaChecks, version: str
) -> None:
    _check_messages(parameters.messages, model)
    if isinstance(parameters.system, list) and not all(part.text for part in parameters.system):
        raise InvalidRequest("system: text content blocks must be non-empty")
    if version == _WITHOUT_SAMPLING:
        _check_blocks(parameters.messages)
    _check_pairs(parameters.messages)
    check_turns(parameters)
    _check_tools(parameters, schemas)
    if parameters.schema is not None:
        where, param = "output_config.format.schema", "output_config"
        schemas.check(parameters.schema, where, strict=False, param=param)


def check_message(parameters: MessageParameters, model: Model, headers: Mapping[str, str]) -> None:
    if parameters.max_tokens > model.max_output:
        raise InvalidRequest(
            f"max_tokens: {parameters.max_tokens} > {model.max_output}, which is the maximum "
            f"allowed number of output tokens for {model.wire_name}"
        )
    _check_sampling(parameters, model, headers[VERSION_HEADER])
    check_thinking(parameters, model, headers)
    for index, stop in enumerate(parameters.stop_sequences or ()):
        if not stop.strip():
            raise InvalidRequest(
                f"stop_sequences.{index}: each stop sequence must contain non-whitespace"
            )


def _check_sampling(parameters: MessageParameters, model: Model, version: str) -> None:
    given = [name for name in _SAMPLING if getattr(parameters, name) is not None]
    if given and version == _WITHOUT_SAMPLING:
        raise InvalidRequest(f"{given[0]}: Extra inputs are not permitted")
    if parameters.temperature is not None and parameters.top_p is not None:
        raise InvalidRequest(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        )
    if model.encoding != NEWER_TOKENIZER:
        return
    for name, default in (("temperature", 1), ("top_p", 1), ("top_k", None)):
        if getattr(parameters, name) not in (None, default):
            raise InvalidRequest(f"`{name}` is deprecated for this model.")


def _check_messages(messages: Sequence[Message], model: Model) -> None:
    if not messages:
        raise InvalidRequest("messages: at least one message is required")
    if messages[0].role != "user":
        raise InvalidRequest('messages: first message must use the "user" role')
    for index, message in enumerate(messages):
        prefill = index == len(messages) - 1 and message.role == "assistant"
        if not message.blocks or (message.content == "" and not prefill):
            raise InvalidRequest(
                f"messages.{index}: all messages must have non-empty content except for the "
                "optional final assistant message"
            )
        if not isinstance(message.content, str) and _empty(message):
            raise InvalidRequest("messages: text content blocks must be non-empty")
    _check_prefill(messages[-1], model)


def _check_blocks(messages: Sequence[Message]) -> None:
    """Refuses blocks that the newest version has no place for."""
    for index, message in enumerate(messages):
        for number, block in enumerate(message.blocks):
            place = f"messages.{index}.content.{number}"
            if message.role == "assistant" and isinstance(block, DocumentBlock):
                raise InvalidRequest(
                    f"{place}: `document` blocks are not allowed in assistant messages"
                )
            if message.role == "user" and isinstance(block, TextBlock) and block.citations:
                raise InvalidRequest(f"{place}.text.citations: Extra inputs are not permitted")


def _empty(message: Message) -> bool:
    return any(isinstance(block, TextBlock) and not block.text for block in message.blocks)


def _check_prefill(last: Message, model: Model) -> None:
    if last.role != "assistant":
        return
    if model.name not in BEFORE_ADAPTIVE:
        raise InvalidRequest(
            "This model does not support assistant message prefill. The conversation must end with "
            "a user message."
        )
    block = last.blocks[-1]
    if isinstance(block, TextBlock) and block.text != block.text.rstrip():
        raise InvalidRequest(
            "messages: final assistant content cannot end with trailing whitespace"
        )


def _check_pairs(messages: Sequence[Message]) -> None:
    """Each result follows its call, and each call is followed by its result."""
    open_calls: dict[str, None] = {}
    for index, message in enumerate(messages):
        results = {b.tool_use_id for b in message.blocks if isinstance(b, ToolResultBlock)}
        for number, block in enumerate(message.blocks):
            if isinstance(block, ToolResultBlock) and block.tool_use_id not in open_calls:
                raise InvalidRequest(
                    f"messages.{index}.content.{number}: unexpected `tool_use_id` found in "
                    f"`tool_result` blocks: {block.tool_use_id[:64]}. Each `tool_result` block must "
                    "have a corresponding `tool_use` block in the previous message."
                )
        _check_answered(open_calls, results, index - 1)
        open_calls = {b.id: None for b in message.blocks if isinstance(b, ToolUseBlock)}
    _check_answered(open_calls, frozenset(), len(messages) - 1)


def _check_answered(calls: Iterable[str], results: Set[str], index: int) -> None:
    missing = [call[:64] for call in calls if call not in results][:8]
    if missing:
        raise InvalidRequest(
            f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately "
            f"after: {', '.join(missing)}. Each `tool_use` block must have a corresponding "
            "`tool_result` block in the next message."
        )


def _check_tools(parameters: PromptParameters, schemas: SchemaChecks) -> None:
    tools = parameters.tools or ()
    names = [tool.name for tool in tools]
    if len(set(names)) < len(names):
        raise InvalidRequest("tools: Tool names must be unique.")
    choice = parameters.tool_choice
    if choice is not None and not tools and not isinstance(choice, NoChoice):
        raise InvalidRequest("tool_choice: may only be specified while providing tools")
    if isinstance(choice, NamedChoice) and choice.name not in names:
        raise InvalidRequest(f"Tool '{choice.name[:128]}' not found in provided tools")
    for index, tool in enumerate(tools):
        if tool.custom:
            _check_schema(tool.input_schema, f"tools.{index}.custom.input_schema", schemas)


def _check_schema(schema: dict[str, object] | None, place: str, schemas: SchemaChecks) -> None:
    if schema is None:
        raise InvalidRequest(f"{place}: Field required")
    if schema.get("type") != "object":
        problem = "Field required" if "type" not in schema else "Input should be 'object'"
        raise InvalidRequest(f"{place}.type: {problem}")
    try:
        schemas.check(schema, place, strict=False, param="tools")
    except InvalidRequest:
        raise InvalidRequest(f"{place}: {_SCHEMA}") from None
