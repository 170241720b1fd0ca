"""Checks on the messages of a chat request: what a request repeats is checked like its definition."""

import re
from collections.abc import Sequence

import msgspec

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.capabilities import DEVELOPER_SINCE, capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.json_schema.json_values import as_object
from simulator.operations.chat.cached_prefixes import check_breakpoint
from simulator.operations.chat.messages import (
    AssistantMessage,
    DeveloperMessage,
    FilePart,
    FunctionMessage,
    ImagePart,
    Message,
    RefusalPart,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from simulator.operations.model_checks import check_image_address, check_name, listed
from simulator.wire.body_places import value_at

_PART_TYPE = re.compile(r"messages\[(?P<index>\d+)\]\.content\[\d+\]\.type")
_CONTENT = re.compile(r"messages\[(?P<index>\d+)\]\.content")
_ROLES = ("system", "assistant", "user", "function", "tool")


def check_messages(messages: Sequence[Message], model: Model, version: str) -> None:
    """Raises `InvalidRequest` for the first message that is wrong."""
    for index, message in enumerate(messages):
        # isinstance takes several times as long, and every request comes by here.
        kind = type(message)
        if type(message.content) is list:
            _check_breakpoints(message, model)
        if kind is UserMessage:
            if type(message.content) is list:
                _check_parts(message, f"messages[{index}]")
        elif kind is AssistantMessage:
            _check_content(message, index)
            _check_calls(message, f"messages[{index}]")
        elif kind is FunctionMessage:
            check_name(message.name or "", f"messages[{index}].name", dotted=True)
        elif kind is SystemMessage or kind is DeveloperMessage:
            _check_role(message, f"messages[{index}].role", model, version)


def _check_role(message: Message, place: str, model: Model, version: str) -> None:
    if type(message) is DeveloperMessage and older_than(version, DEVELOPER_SINCE):
        raise InvalidRequest(
            f"Invalid value: 'developer'. Supported values are: {listed(_ROLES)}.",
            param=place,
            code="invalid_value",
        )
    if not capabilities_of(model).instructions:
        role = message.__struct_config__.tag
        raise InvalidRequest(
            f"Unsupported value: '{place}' does not support '{role}' with this model.",
            param=place,
            code="unsupported_value",
        )


def _check_content(message: Message, index: int) -> None:
    if not isinstance(message, AssistantMessage) or message.content is not None:
        return
    if not (message.tool_calls or message.function_call or message.refusal or message.audio):
        raise no_content(index)


def _check_calls(message: Message, place: str) -> None:
    """Names of calls may have dots: it is not known which models refuse them there."""
    if not isinstance(message, AssistantMessage):
        return
    if message.function_call is not None:
        check_name(message.function_call.name, f"{place}.function_call.name", dotted=True)
    for index, call in enumerate(message.tool_calls or ()):
        check_name(call.function.name, f"{place}.tool_calls[{index}].function.name", dotted=True)


def _check_breakpoints(message: Message, model: Model) -> None:
    parts = message.content if isinstance(message.content, list) else []
    for part in parts:
        if not isinstance(part, RefusalPart):
            check_breakpoint(part.prompt_cache_breakpoint, model)


def _check_parts(message: Message, place: str) -> None:
    parts = message.content if isinstance(message, UserMessage) else None
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        where = f"{place}.content[{index}]"
        if isinstance(part, FilePart):
            # Reported for every model of 2025-08 to 2026-01; "Value" is the real service's own.
            raise InvalidRequest(
                "Invalid Value: 'file'. This model does not support file content types.",
                param=f"{where}.type",
                code="invalid_value",
            )
        if isinstance(part, ImagePart):
            foreign = check_image_address(part.image_url.url, f"{where}.image_url.url")
            if foreign is not None:
                # Reported by many users of chat, 2024 to 2026; responses have other words.
                raise InvalidRequest(
                    "Invalid MIME type. Only image types are supported.",
                    code="invalid_image_format",
                )


def no_content(index: int) -> InvalidRequest:
    """The refusal of a message without content, on Azure as well (reported 2024-01 to 2026-08)."""
    return InvalidRequest(
        "Invalid value for 'content': expected a string, got null.",
        param=f"messages.[{index}].content",
    )


def reworded(error: InvalidRequest, body: bytes) -> InvalidRequest:
    """The refusal of messages in the words that the real service has for some of them."""
    return _missing_content(error, body) or misplaced_image(error, body) or error


def _missing_content(error: InvalidRequest, body: bytes) -> InvalidRequest | None:
    """Messages of developers have the words of every other parameter (reported, 2026-08)."""
    place = _CONTENT.fullmatch(error.param or "")
    if place is None:
        return None
    message = as_object(value_at(msgspec.json.decode(body), ["messages", int(place["index"])]))
    lacking = message.get("content") is None and message.get("role") != "developer"
    return no_content(int(place["index"])) if lacking else None


def misplaced_image(error: InvalidRequest, body: bytes) -> InvalidRequest | None:
    """The refusal of an image in a message that is not the user's, if the error is one (reported by many
    users of Azure and OpenAI)."""
    place = _PART_TYPE.fullmatch(error.param or "")
    if place is None or not error.message.startswith("Invalid value: 'image_url'."):
        return None
    message = value_at(msgspec.json.decode(body), ["messages", int(place["index"])])
    role = as_object(message).get("role")
    return InvalidRequest(
        f"Invalid 'messages[{place['index']}]'. Image URLs are only allowed for messages with role "
        f"'user', but this message with role '{role}' contains an image URL.",
        param=f"messages[{place['index']}]",
        code="invalid_value",
    )


def check_calls(messages: Sequence[Message]) -> None:
    """Refuses results without a call before them, and calls without a result after them."""
    calls: Sequence[ToolCall] = ()
    waiting: list[str] = []
    for index, message in enumerate(messages):
        # isinstance takes several times as long, and every request comes by here.
        if type(message) is ToolMessage:
            _check_result(message, index, calls)
            waiting = [id_ for id_ in waiting if id_ != message.tool_call_id]
        elif waiting:
            raise _unanswered(waiting, f"messages.[{index}].role")
        elif type(message) is AssistantMessage and message.tool_calls is not None:
            calls = message.tool_calls
            waiting = [call.id for call in calls]
        else:
            calls = ()
    if waiting:
        raise _unanswered(waiting, "messages")


def _check_result(message: ToolMessage, index: int, calls: Sequence[ToolCall]) -> None:
    if not calls:
        # The misspelling is the real service's own.
        raise InvalidRequest(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
            "message with 'tool_calls'.",
            param=f"messages.[{index}].role",
        )
    if all(call.id != message.tool_call_id for call in calls):
        raise InvalidRequest(
            f"Invalid parameter: 'tool_call_id' of '{message.tool_call_id}' not found in "
            "'tool_calls' of previous message.",
            param=f"messages.[{index}].tool_call_id",
        )


def _unanswered(ids: Sequence[str], param: str) -> InvalidRequest:
    return InvalidRequest(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        "'tool_call_id'. The following tool_call_ids did not have response messages: "
        f"{', '.join(ids)}",
        param=param,
    )
