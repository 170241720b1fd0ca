"""Checks on the messages of a chat request: what a request repeats is checked like its definition."""

from collections.abc import Sequence

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.capabilities import DEVELOPER_SINCE, capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.operations.chat.parameters import (
    AssistantMessage,
    DeveloperMessage,
    FilePart,
    ImagePart,
    Message,
    SystemMessage,
    UserMessage,
)
from simulator.operations.model_checks import check_image_address, check_name, listed

_ROLES = ("system", "assistant", "user", "function", "tool")


def check_messages(messages: Sequence[Message], model: Model, version: str) -> None:
    """Raises `InvalidRequest` for the first message that is wrong."""
    for index, message in enumerate(messages):
        # isinstance takes several times as long, and every request comes by here.
        kind = type(message)
        if kind is UserMessage:
            if type(message.content) is list:
                _check_parts(message, f"messages[{index}]")
        elif kind is AssistantMessage:
            _check_content(message, f"messages[{index}]")
            _check_calls(message, f"messages[{index}]")
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


def _check_content(message: Message, place: str) -> None:
    if not isinstance(message, AssistantMessage) or message.content is not None:
        return
    if not (message.tool_calls or message.function_call or message.refusal or message.audio):
        raise InvalidRequest(
            f"Invalid type for '{place}.content': expected one of a string or array of objects, but "
            "got null instead.",
            param=f"{place}.content",
            code="invalid_type",
        )


def _check_calls(message: Message, place: str) -> None:
    """Which models take dots is weak for definitions, and unknown for calls: they may have them."""
    calls = (isinstance(message, AssistantMessage) and message.tool_calls) or ()
    for index, call in enumerate(calls):
        check_name(call.function.name, f"{place}.tool_calls[{index}].function.name", dotted=True)


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
            check_image_address(part.image_url.url, f"{where}.image_url.url")
