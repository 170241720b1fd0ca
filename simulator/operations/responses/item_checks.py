"""The checks of the items of an input, in the service's words."""

import re
from collections.abc import Mapping, Sequence
from typing import cast, get_args

import msgspec

from simulator.errors import InvalidRequest, missing_parameter
from simulator.operations.model_checks import (
    check_image_address,
    check_name,
    listed,
    unknown_parameter,
)
from simulator.operations.responses.items import (
    CALLS,
    FREE_OUTPUTS,
    OUTPUTS,
    PREFIXES,
    InputImage,
    Item,
    Part,
    Role,
    Text,
    parts_of,
)
from simulator.wire.body import Body

_TEXT = Body(cast("type[str]", Text))
_OUTCOME = Body(cast("type[object]", Text | list[Part]))
_FREE_OUTCOME = Body(cast("type[object]", Text | list[Part] | dict[str, object]))
# Whose arguments are objects, and are kept as they come.
_FREE_ARGUMENTS = frozenset({"tool_search_call"})

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "message": ("role", "content"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "custom_tool_call": ("call_id", "name", "input"),
    "custom_tool_call_output": ("call_id", "output"),
    "reasoning": ("summary",),
    "item_reference": ("id",),
    "compaction": ("encrypted_content",),
    "apply_patch_call": ("call_id", "operation", "status"),
    "apply_patch_call_output": ("call_id", "status"),
    "shell_call": ("call_id", "action"),
    "shell_call_output": ("call_id", "output"),
    "tool_search_call": ("arguments",),
    "tool_search_output": ("tools",),
    "multi_agent_call": ("action", "arguments", "call_id"),
    "multi_agent_call_output": ("action", "call_id", "output"),
    "agent_message": ("author", "recipient", "content"),
}
# The last one of a user's parts, which no document has, is in the refusals of 2026.
_HEARD = ("input_text", "input_image", "input_file", "scoped_content")
_SAID = ("output_text", "refusal")
_OF_MESSAGES = frozenset({"type", "id", "status", "role", "content", "phase", "agent"})
_ID = re.compile(r"[A-Za-z0-9_-]*")
_CHECKED = frozenset({"message", "function_call", "reasoning"})


def check_item(item: Item, place: str) -> None:
    """Refuses an item that lacks something; `place` is where it stands, e.g. `input[0]`."""
    kind = item.kind
    if kind == "message" and item.role is None and item.type is None:
        # Measured by users of OpenAI's API (2026-08).
        raise InvalidRequest(
            f"Invalid value: ''. Supported values are: {listed(get_args(Role))}.",
            param=place,
            code="invalid_value",
        )
    _check_complete(item, place)
    _check_id(item, place)
    if kind in CALLS and item.name is not None:
        check_name(item.name, f"{place}.name", dotted=True)
    if kind == "message":
        said = item.role == "assistant"
        _check_members(item, _OF_MESSAGES if said else _OF_MESSAGES - {"phase"}, place)
        _check_kinds(item.parts, f"{place}.content", _SAID if said else _HEARD)
    elif kind == "reasoning" and item.content and isinstance(item.content, list):
        raise _content_of_reasoning(len(item.content), f"{place}.content")
    _check_images(item.parts, f"{place}.content")
    if kind not in _FREE_ARGUMENTS and item.arguments is not None:
        _TEXT.decode(msgspec.json.encode(item.arguments), at=f"{place}.arguments")
    if kind not in FREE_OUTPUTS and item.output is not None:
        form = _OUTCOME if kind in OUTPUTS else _FREE_OUTCOME
        _check_output(item.output, f"{place}.output", form)


def _content_of_reasoning(length: int, place: str) -> InvalidRequest:
    """The refusal of reasoning with its thoughts, as models that show them write it (Azure, 2026)."""
    return InvalidRequest(
        f"Invalid '{place}': array too long. Expected an array with maximum length 0, but got an array "
        f"with length {length} instead.",
        param=place,
        code="array_above_max_length",
    )


def _check_output(output: object, place: str, form: Body[object]) -> None:
    form.decode(msgspec.json.encode(output), at=place)
    parts = parts_of(output)
    _check_kinds(parts, place, _HEARD)
    _check_images(parts, place)


def _check_complete(item: Item, place: str) -> None:
    for field in _REQUIRED.get(item.kind, ()):
        value: object = getattr(item, field)
        if value is None:
            raise missing_parameter(f"{place}.{field}")


def _check_id(item: Item, place: str) -> None:
    prefix = PREFIXES.get(item.kind)
    if item.id is not None and item.kind in _CHECKED and not item.id.startswith(f"{prefix}_"):
        # Reported by users of Azure.
        raise InvalidRequest(
            f"Invalid '{place}.id': '{item.id}'. Expected an ID that begins with '{prefix}'.",
            param=f"{place}.id",
            code="invalid_value",
        )
    if item.id is not None and prefix and not _ID.fullmatch(item.id):
        raise InvalidRequest(
            f"Invalid '{place}.id': '{item.id}'. Expected an ID that contains letters, numbers, "
            "underscores, or dashes, but this value contained additional characters.",
            param=f"{place}.id",
            code="invalid_value",
        )


def _check_members(item: Item, known: frozenset[str], place: str) -> None:
    """Refuse members that only other items have."""
    for name in item.__struct_fields__:
        if name not in known and getattr(item, name) is not None:
            raise unknown_parameter(f"{place}.{name}")


def _check_kinds(parts: Sequence[Part], place: str, kinds: Sequence[str]) -> None:
    """Refuse parts that this role, or the output of a tool, cannot have (reported by many users)."""
    for index, part in enumerate(parts):
        kind = str(part.__struct_config__.tag)
        if kind not in kinds:
            raise InvalidRequest(
                f"Invalid value: '{kind}'. Supported values are: {listed(kinds)}.",
                param=f"{place}[{index}]",
                code="invalid_value",
            )


def _check_images(parts: Sequence[Part], place: str) -> None:
    for index, part in enumerate(parts):
        if not isinstance(part, InputImage) or part.image_url is None:
            continue
        where = f"{place}[{index}].image_url"
        foreign = check_image_address(part.image_url, where)
        if foreign is not None:
            raise InvalidRequest(
                f"Invalid '{where}'. Expected a base64-encoded data URL with an image MIME type (e.g. "
                "'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got unsupported MIME type "
                f"'{foreign[:64]}'.",
                param=where,
                code="invalid_value",
            )
