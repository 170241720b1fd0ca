"""Input items of the Responses API: their shapes, and what they must have."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, cast, get_args

import msgspec
from msgspec import Meta, Struct

from simulator.errors import InvalidRequest, missing_parameter
from simulator.operations.chat.messages import CacheBreakpoint, ToolName
from simulator.operations.model_checks import (
    check_image_address,
    check_name,
    listed,
    unknown_parameter,
)
from simulator.wire.body import Body

Text = Annotated[str, Meta(max_length=10_485_760)]


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"):
    pass


class InputText(_Part, tag="input_text", frozen=True):
    text: Text
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputImage(_Part, tag="input_image", frozen=True):
    image_url: str | None = None
    file_id: str | None = None
    detail: Literal["auto", "low", "high", "original"] | None = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputFile(_Part, tag="input_file", frozen=True):
    file_data: str | None = None
    file_id: str | None = None
    file_url: str | None = None
    filename: str | None = None
    detail: str | None = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class OutputText(_Part, tag="output_text", frozen=True):
    text: Text
    annotations: list[object] | None = None
    logprobs: list[object] | None = None


class Refusal(_Part, tag="refusal", frozen=True):
    refusal: Text


class ReasoningText(_Part, tag="reasoning_text", frozen=True):
    text: Text


class SummaryText(_Part, tag="summary_text", frozen=True):
    text: Text


Part = InputText | InputImage | InputFile | OutputText | Refusal | ReasoningText
Role = Literal["assistant", "system", "developer", "user"]

ItemType = Literal[
    "additional_tools", "agent_message", "apply_patch_call", "apply_patch_call_output",
    "code_interpreter_call", "compaction", "compaction_trigger", "computer_call",
    "computer_call_output", "custom_tool_call", "custom_tool_call_output", "file_search_call",
    "function_call", "function_call_output", "image_generation_call", "item_reference",
    "local_shell_call", "local_shell_call_output", "mcp_approval_request", "mcp_approval_response",
    "mcp_call", "mcp_list_tools", "message", "multi_agent_call", "multi_agent_call_output", "program",
    "program_output", "reasoning", "shell_call", "shell_call_output", "tool_search_call",
    "tool_search_output", "web_search_call",
]  # fmt: skip


class Item(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An item of any type, for a message may leave its type out (OpenAPI document v1)."""

    type: ItemType | None = None
    id: Annotated[str, Meta(max_length=64)] | None = None
    status: str | None = None
    role: Role | None = None
    content: Text | list[Part] | None = None
    phase: str | None = None
    call_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    name: ToolName | None = None
    namespace: str | None = None
    arguments: object = None
    output: object = None
    summary: list[SummaryText] | None = None
    encrypted_content: str | None = None
    # Of the calls of built-in tools, which are kept as they come.
    action: object = None
    queries: object = None
    results: object = None
    result: object = None
    code: object = None
    container_id: object = None
    outputs: object = None
    pending_safety_checks: object = None
    acknowledged_safety_checks: object = None
    server_label: object = None
    tools: object = None
    error: object = None
    input: object = None
    approval_request_id: object = None
    approve: object = None
    reason: object = None
    operation: object = None
    execution: object = None
    environment: object = None
    max_output_length: object = None
    caller: object = None

    @property
    def kind(self) -> str:
        """The type; without one it is a message if it has a role, and a reference if only an id."""
        if self.type is not None:
            return self.type
        return "item_reference" if self.role is None and self.id is not None else "message"

    @property
    def names_stored(self) -> bool:
        """True for a reference, and for reasoning that can be known by its id alone."""
        if self.kind == "reasoning":
            return self.id is not None and not self.encrypted_content
        return self.kind == "item_reference"

    @property
    def parts(self) -> list[Part]:
        """The content in parts, a plain text as one."""
        if isinstance(self.content, str):
            return [_text_part(self.role, self.content)]
        return self.content or []

    @property
    def outcome(self) -> str | list[Part]:
        """The text or parts that a tool said; nothing of one that has objects of its own."""
        if isinstance(self.output, str):
            return self.output
        return [] if self.kind in _FREE_OUTPUTS else _parts(self.output)


def breakpoint_of(part: Part) -> CacheBreakpoint | None:
    marked = isinstance(part, InputText | InputImage | InputFile)
    return part.prompt_cache_breakpoint if marked else None


def _parts(output: object) -> list[Part]:
    return msgspec.convert(output, list[Part]) if isinstance(output, list) else []


_TEXT = Body(cast("type[str]", Text))
_OUTCOME = Body(cast("type[object]", Text | list[Part]))
_FREE_OUTCOME = Body(cast("type[object]", Text | list[Part] | dict[str, object]))
# Whose arguments and outputs are objects, and lists of them, and are kept as they come.
_FREE_ARGUMENTS = frozenset({"tool_search_call"})
_FREE_OUTPUTS = frozenset({"shell_call_output"})


def _text_part(role: Role | None, text: str) -> Part:
    return OutputText(text=text) if role == "assistant" else InputText(text=text)


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
}
PREFIXES: Mapping[str, str] = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fc",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "reasoning": "rs",
    "compaction": "cmp",
}
"""With what an id must begin, and what is drawn for an item without one."""
CALLS = frozenset({"function_call", "custom_tool_call"})
"""Calls of tools that the client runs."""
OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output"})
"""What came of them."""
# The last one of a user's parts, which no document has, is in the refusals of 2026.
_HEARD = ("input_text", "input_image", "input_file", "scoped_content")
_SAID = ("output_text", "refusal")
_OF_MESSAGES = frozenset({"type", "id", "status", "role", "content", "phase"})
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
    if kind not in _FREE_OUTPUTS and item.output is not None:
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
    parts = _parts(output)
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
        if isinstance(part, InputImage) and part.image_url is not None:
            check_image_address(part.image_url, f"{place}[{index}].image_url")
