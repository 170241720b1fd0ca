"""The messages of a chat: their roles, their parts, and what they repeat of earlier answers."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from simulator.operations.text_input import Text

MAX_TOOLS = 128

# Its characters depend on the model: see `check_name`.
ToolName = Annotated[str, Meta(min_length=1, max_length=64)]
# An object that changes nothing in a generated answer. (A msgspec.Raw beside None takes null alone.)
Anything = dict[str, object]
# Members that earlier messages repeat (reported by users, with these patterns and lengths).
CallId = Annotated[str, Meta(max_length=40)]
Speaker = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s<|\\/>]+\Z")]


class _Part(Struct, tag_field="type", frozen=True, forbid_unknown_fields=True):
    pass


class CacheBreakpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """The end of a prefix that is to be cached (Microsoft's page on prompt caching, 2026-08)."""

    mode: Literal["explicit"]


class CacheOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """The ends of what is to be cached: breakpoints alone, or the end of all messages, too."""

    mode: Literal["implicit", "explicit"] | None = None
    ttl: Literal["30m"] | None = None


class TextPart(_Part, tag="text", frozen=True):
    text: Text
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class ImageUrl(Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    detail: Literal["auto", "high", "low"] | None = None


class ImagePart(_Part, tag="image_url", frozen=True):
    image_url: ImageUrl
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class Audio(Struct, frozen=True, forbid_unknown_fields=True):
    data: str
    format: Literal["wav", "mp3"]


class AudioPart(_Part, tag="input_audio", frozen=True):
    input_audio: Audio
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class File(Struct, frozen=True, forbid_unknown_fields=True):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class FilePart(_Part, tag="file", frozen=True):
    file: File
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class RefusalPart(_Part, tag="refusal", frozen=True):
    refusal: Text


Part = TextPart | ImagePart | AudioPart | RefusalPart | FilePart


class _Message(Struct, tag_field="role", frozen=True, forbid_unknown_fields=True):
    pass


class SystemMessage(_Message, tag="system", frozen=True):
    content: Text | Annotated[list[TextPart], Meta(min_length=1)]
    name: Speaker | None = None


class DeveloperMessage(_Message, tag="developer", frozen=True):
    content: Text | Annotated[list[TextPart], Meta(min_length=1)]
    name: Speaker | None = None


class UserMessage(_Message, tag="user", frozen=True):
    content: Text | Annotated[list[Part], Meta(min_length=1)]
    name: Speaker | None = None


class FunctionCall(Struct, frozen=True, forbid_unknown_fields=True):
    """`parsed_arguments`, like `parsed` below, is the Python client's own: it sends its objects back."""

    name: ToolName
    arguments: Text
    parsed_arguments: object = None


class ToolCall(Struct, frozen=True, forbid_unknown_fields=True):
    id: CallId
    function: FunctionCall
    type: Literal["function"] = "function"
    index: int | None = None


class AudioOutput(Struct, frozen=True, forbid_unknown_fields=True):
    """The sound of a spoken answer."""

    voice: str | Anything
    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]


class AudioReference(Struct, frozen=True):
    id: str


class AssistantMessage(_Message, tag="assistant", frozen=True):
    content: Text | list[TextPart | RefusalPart] | None = None
    name: Speaker | None = None
    refusal: str | None = None
    tool_calls: Annotated[list[ToolCall], Meta(min_length=1, max_length=MAX_TOOLS)] | None = None
    function_call: FunctionCall | None = None
    audio: AudioReference | None = None
    annotations: list[Anything] | None = None
    context: Anything | None = None
    reasoning_content: str | None = None
    parsed: object = None


class ToolMessage(_Message, tag="tool", frozen=True):
    content: Text | list[TextPart]
    tool_call_id: CallId
    name: str | None = None


class FunctionMessage(_Message, tag="function", frozen=True):
    content: Text | None
    name: ToolName


Message = (
    SystemMessage
    | AssistantMessage
    | UserMessage
    | FunctionMessage
    | ToolMessage
    | DeveloperMessage
)
