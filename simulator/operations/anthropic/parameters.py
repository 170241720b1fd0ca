"""The bodies of requests for a message, and for the tokens of one (Anthropic's API, versions 2023-06-01 and
2026-10-21)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from simulator.operations.text_input import Text

MOST_MESSAGES = 100_000
MOST_TOOLS = 1_024
MOST_STOPS = 256
Anything = dict[str, object]
Schema = dict[str, object]
ToolName = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[a-zA-Z0-9_-]+\Z")]
ToolUseId = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]+\Z")]


class CacheControl(Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] | None = None


class _Block(Struct, tag_field="type", frozen=True, kw_only=True, forbid_unknown_fields=True):
    cache_control: CacheControl | None = None


class _Source(Struct, tag_field="type", frozen=True, forbid_unknown_fields=True):
    pass


class Base64Source(_Source, tag="base64", frozen=True):
    media_type: str
    data: str


class Base64Image(_Source, tag="base64", frozen=True):
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
    data: str


class UrlSource(_Source, tag="url", frozen=True):
    url: str


class FileSource(_Source, tag="file", frozen=True):
    file_id: str


class TextSource(_Source, tag="text", frozen=True):
    media_type: Literal["text/plain"]
    data: Text


class TextBlock(_Block, tag="text", frozen=True, kw_only=True):
    text: Text
    citations: list[Anything] | None = None


class ImageBlock(_Block, tag="image", frozen=True, kw_only=True):
    source: Base64Image | UrlSource | FileSource


class DocumentBlock(_Block, tag="document", frozen=True, kw_only=True):
    source: Base64Source | UrlSource | FileSource | TextSource
    title: str | None = None
    context: str | None = None
    citations: Anything | None = None


class ToolUseBlock(_Block, tag="tool_use", frozen=True, kw_only=True):
    id: ToolUseId
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    input: Anything
    caller: Anything | None = None


class ToolResultBlock(_Block, tag="tool_result", frozen=True, kw_only=True):
    tool_use_id: ToolUseId
    content: Text | list[TextBlock | ImageBlock | DocumentBlock] | None = None
    is_error: bool | None = None


class ThinkingBlock(_Block, tag="thinking", frozen=True, kw_only=True):
    thinking: Text
    signature: str


class RedactedThinkingBlock(_Block, tag="redacted_thinking", frozen=True, kw_only=True):
    data: str


Block = (
    TextBlock
    | ImageBlock
    | DocumentBlock
    | ToolUseBlock
    | ToolResultBlock
    | ThinkingBlock
    | RedactedThinkingBlock
)


class Message(Struct, frozen=True, forbid_unknown_fields=True):
    role: Literal["user", "assistant"]
    content: Text | list[Block]

    @property
    def blocks(self) -> list[Block]:
        return [TextBlock(text=self.content)] if isinstance(self.content, str) else self.content


class Tool(Struct, frozen=True):
    """A tool of the client's own, or with another `type` one of Anthropic's, which is never called."""

    name: ToolName
    input_schema: Schema | None = None
    description: str | None = None
    type: str | None = None
    cache_control: CacheControl | None = None

    @property
    def custom(self) -> bool:
        return self.type in (None, "custom")


class _Choice(Struct, tag_field="type", frozen=True, kw_only=True, forbid_unknown_fields=True):
    disable_parallel_tool_use: bool | None = None


class AutoChoice(_Choice, tag="auto", frozen=True):
    pass


class AnyChoice(_Choice, tag="any", frozen=True):
    pass


class NamedChoice(_Choice, tag="tool", frozen=True, kw_only=True):
    name: str


class NoChoice(_Choice, tag="none", frozen=True):
    pass


ToolChoice = AutoChoice | AnyChoice | NamedChoice | NoChoice


class Thinking(Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["enabled", "disabled", "adaptive", "between_tools"]
    budget_tokens: int | None = None
    display: Literal["summarized", "omitted"] | None = None


class OutputFormat(Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["json_schema"]
    schema: Schema


class OutputConfig(Struct, frozen=True, forbid_unknown_fields=True):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: OutputFormat | None = None


class Metadata(Struct, frozen=True, forbid_unknown_fields=True):
    user_id: Annotated[str, Meta(max_length=256)] | None = None


class PromptParameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parts of a prompt, which are all that a request for its tokens has."""

    model: str
    messages: Annotated[list[Message], Meta(max_length=MOST_MESSAGES)]
    system: Text | list[TextBlock] | None = None
    tools: Annotated[list[Tool], Meta(max_length=MOST_TOOLS)] | None = None
    tool_choice: ToolChoice | None = None
    thinking: Thinking | None = None
    output_config: OutputConfig | None = None
    cache_control: CacheControl | None = None
    context_management: Anything | None = None
    mcp_servers: list[Anything] | None = None

    @property
    def system_blocks(self) -> list[TextBlock]:
        if isinstance(self.system, str):
            return [TextBlock(text=self.system)]
        return self.system or []

    @property
    def schema(self) -> Schema | None:
        """The schema that the answer is to be an instance of."""
        form = self.output_config and self.output_config.format
        return form.schema if form else None


class MessageParameters(PromptParameters, frozen=True, kw_only=True, forbid_unknown_fields=True):
    max_tokens: Annotated[int, Meta(ge=1)]
    stream: bool | None = None
    stop_sequences: Annotated[list[str], Meta(max_length=MOST_STOPS)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0)] | None = None
    metadata: Metadata | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    container: str | Anything | None = None
    diagnostics: Anything | None = None
    inference_geo: str | None = None
    speed: Literal["standard", "fast"] | None = None
    user_profile_id: str | None = None
