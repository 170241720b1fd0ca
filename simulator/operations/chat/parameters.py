"""The body of a chat completions request (OpenAPI documents 2024-10-21 to 2025-04-01-preview)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from simulator.operations.service_tier import ServiceTier
from simulator.operations.text_input import Text

MAX_MESSAGES = 2048
MAX_TOOLS = 128
_PATTERN = "^[a-zA-Z0-9_-]+$"

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=_PATTERN)]
# Which characters it may have depends on the model: see `check_name`.
ToolName = Annotated[str, Meta(min_length=1, max_length=64)]
# Microsoft's page on function calling.
Description = Annotated[str, Meta(max_length=1024)]
Schema = dict[str, object]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Positive = Annotated[int, Meta(ge=1)]
# An object that changes nothing in a generated answer. (A msgspec.Raw beside None takes null alone.)
Anything = dict[str, object]
# What earlier messages repeat (reported by users, with these patterns and lengths).
CallId = Annotated[str, Meta(max_length=40)]
Speaker = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s<|\\/>]+$")]


class _Part(Struct, tag_field="type", frozen=True, forbid_unknown_fields=True):
    pass


class TextPart(_Part, tag="text", frozen=True):
    text: Text


class ImageUrl(Struct, frozen=True, forbid_unknown_fields=True):
    url: str
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(_Part, tag="image_url", frozen=True):
    image_url: ImageUrl


class Audio(Struct, frozen=True, forbid_unknown_fields=True):
    data: str
    format: Literal["wav", "mp3"]


class AudioPart(_Part, tag="input_audio", frozen=True):
    input_audio: Audio


class File(Struct, frozen=True, forbid_unknown_fields=True):
    file_data: str | None = None
    file_id: str | None = None
    filename: str | None = None


class FilePart(_Part, tag="file", frozen=True):
    file: File


class RefusalPart(_Part, tag="refusal", frozen=True):
    refusal: Text


Part = TextPart | ImagePart | AudioPart | FilePart | RefusalPart


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
    | DeveloperMessage
    | UserMessage
    | AssistantMessage
    | ToolMessage
    | FunctionMessage
)


class FunctionDefinition(Struct, frozen=True, forbid_unknown_fields=True):
    name: ToolName
    description: Description | None = None
    parameters: Schema | None = None
    strict: bool | None = None


class FunctionTool(Struct, frozen=True, forbid_unknown_fields=True):
    """The one type that chat completions take on Azure (OpenAPI documents of 2024 to v1)."""

    type: Literal["function"]
    function: FunctionDefinition


class LegacyFunction(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    description: Description | None = None
    parameters: Schema | None = None


class FunctionName(Struct, frozen=True, forbid_unknown_fields=True):
    name: str


class NamedFunction(Struct, tag_field="type", tag="function", frozen=True):
    function: FunctionName


class AllowedTools(Struct, frozen=True, forbid_unknown_fields=True):
    mode: Literal["auto", "required"]
    tools: Annotated[list[NamedFunction], Meta(min_length=1)]


class AllowedToolChoice(Struct, tag_field="type", tag="allowed_tools", frozen=True):
    allowed_tools: AllowedTools


Tools = Annotated[list[FunctionTool], Meta(min_length=1, max_length=MAX_TOOLS)]
Functions = Annotated[list[LegacyFunction], Meta(min_length=1, max_length=MAX_TOOLS)]
ToolChoiceOption = Literal["none", "auto", "required"] | NamedFunction | AllowedToolChoice
FunctionCallOption = Literal["none", "auto"] | FunctionName


class JsonSchema(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    description: str | None = None
    schema: Schema | None = None
    strict: bool | None = None


class ResponseFormat(Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["json_object", "json_schema", "text"]
    json_schema: JsonSchema | None = None


class Prediction(Struct, frozen=True, forbid_unknown_fields=True):
    """The text that an answer is expected to have."""

    type: Literal["content"]
    content: Text | list[TextPart]


class StreamOptions(Struct, frozen=True, forbid_unknown_fields=True):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


Stop = str | Annotated[list[str], Meta(max_length=4)] | None


def stop_sequences(stop: Stop) -> tuple[str, ...]:
    """The sequences that can stop a text: an empty one does not."""
    return tuple(text for text in ([stop] if isinstance(stop, str) else stop or ()) if text)


ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]


_DATED_MEMBERS = ("max_completion_tokens", "stream_options")
_TOOL_MEMBERS = ("function_call", "functions", "parallel_tool_calls", "tool_choice", "tools")
INFERENCE_MEMBERS = frozenset(
    {
        "frequency_penalty",
        "max_tokens",
        "messages",
        "modalities",
        "model",
        "presence_penalty",
        "response_format",
        "seed",
        "stop",
        "stream",
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
    }
)
"""The parameters that Azure AI Inference has; any other one is an extra parameter there."""


class ChatParameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every documented parameter. Those that change nothing in a generated answer are checked
    only.
    """

    messages: Annotated[list[Message], Meta(min_length=1, max_length=MAX_MESSAGES)]
    model: str | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    max_tokens: Positive | None = None
    max_completion_tokens: Positive | None = None
    stop: Stop = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, Annotated[float, Meta(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    response_format: ResponseFormat | None = None
    tools: Tools | None = None
    tool_choice: ToolChoiceOption | None = None
    parallel_tool_calls: bool | None = None
    functions: Functions | None = None
    function_call: FunctionCallOption | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    reasoning_effort: ReasoningEffort | None = None
    user: str | None = None
    metadata: dict[str, str] | None = None
    store: bool | None = None
    service_tier: ServiceTier | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    audio: AudioOutput | None = None
    prediction: Prediction | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Literal["in_memory", "in-memory", "24h"] | None = None
    safety_identifier: str | None = None
    data_sources: list[Anything] | None = None
    user_security_context: Anything | None = None

    @property
    def choices(self) -> int:
        return self.n or 1

    @property
    def asked_tokens(self) -> int | None:
        """The most tokens that each choice may have; None: as many as come."""
        return self.max_completion_tokens or self.max_tokens

    @property
    def stops(self) -> tuple[str, ...]:
        return stop_sequences(self.stop)

    @property
    def wants_json(self) -> bool:
        return self.response_format is not None and self.response_format.type == "json_object"

    @property
    def tool_members(self) -> tuple[str, ...]:
        """The names of the members about tools that the body has, in alphabetical order."""
        return tuple([name for name in _TOOL_MEMBERS if getattr(self, name) is not None])

    @property
    def dated_members(self) -> tuple[str, ...]:
        """The names of the members of the body that not every api-version knows."""
        dated = [name for name in _DATED_MEMBERS if getattr(self, name) is not None]
        return (*dated, *self.tool_members)

    @property
    def schema(self) -> Schema | None:
        """The schema that the answer is to be an instance of."""
        form = self.response_format
        if form is None or form.type != "json_schema" or form.json_schema is None:
            return None
        return form.json_schema.schema
