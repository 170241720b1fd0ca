"""Input items of the Responses API: their shapes."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from simulator.operations.chat.messages import CacheBreakpoint, ToolName

Text = Annotated[str, Meta(max_length=10_485_760)]
# Reported by a user of OpenAI's API (2026-03).
FileId = Annotated[str, Meta(max_length=64)]


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"):
    pass


class InputText(_Part, tag="input_text", frozen=True):
    text: Text
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputImage(_Part, tag="input_image", frozen=True):
    image_url: str | None = None
    file_id: FileId | None = None
    detail: Literal["auto", "low", "high", "original"] | None = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputFile(_Part, tag="input_file", frozen=True):
    file_data: str | None = None
    file_id: FileId | None = None
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


class EncryptedText(_Part, tag="encrypted_content", frozen=True):
    """A message from one agent to another, which only the service reads."""

    encrypted_content: str

    @property
    def text(self) -> str:
        """The part that can be read: nothing."""
        return ""


Part = InputText | InputImage | InputFile | OutputText | Refusal | ReasoningText | EncryptedText
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
    # Members of calls of built-in tools, which are stored as they come.
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
    # Members of the responses of several agents.
    agent: object = None
    author: str | None = None
    recipient: str | None = None

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
        return [] if self.kind in FREE_OUTPUTS else parts_of(self.output)


def breakpoint_of(part: Part) -> CacheBreakpoint | None:
    marked = isinstance(part, InputText | InputImage | InputFile)
    return part.prompt_cache_breakpoint if marked else None


def parts_of(output: object) -> list[Part]:
    return msgspec.convert(output, list[Part]) if isinstance(output, list) else []


# Whose outputs are objects, and lists of them, and are kept as they come.
FREE_OUTPUTS = frozenset({"shell_call_output", "multi_agent_call_output"})


def _text_part(role: Role | None, text: str) -> Part:
    return OutputText(text=text) if role == "assistant" else InputText(text=text)


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
"""The items with the outputs of calls."""
