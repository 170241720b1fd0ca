"""The body of a chat completions request (OpenAPI documents 2024-10-21 to 2025-04-01-preview)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, structs

from simulator.operations.chat.messages import (
    MAX_TOOLS,
    Anything,
    AudioOutput,
    CacheOptions,
    Message,
    TextPart,
    ToolName,
)
from simulator.operations.service_tier import ServiceTier
from simulator.operations.text_input import Text

MAX_MESSAGES = 2048
_PATTERN = r"^[a-zA-Z0-9_-]+\Z"

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=_PATTERN)]
# Microsoft's page on function calling.
Description = Annotated[str, Meta(max_length=1024)]
Schema = dict[str, object]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Positive = Annotated[int, Meta(ge=1)]


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
    if stop is None:
        return ()
    return tuple([text for text in ([stop] if isinstance(stop, str) else stop) if text])


ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


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
        "reasoning_effort",
        "response_format",
        "seed",
        "stop",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
    }
)
"""The parameters that Azure AI Inference has (`reasoning_effort` and `stream_options`: recorded 2026-08);
any other one is an extra parameter there."""


class ChatParameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every documented parameter. Those that change nothing in a generated answer are checked
    only.
    """

    # The members that most requests have come first: see `are_simple`.
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
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: str | None = None
    logit_bias: dict[str, Annotated[float, Meta(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    response_format: ResponseFormat | None = None
    tools: Tools | None = None
    tool_choice: ToolChoiceOption | None = None
    parallel_tool_calls: bool | None = None
    functions: Functions | None = None
    function_call: FunctionCallOption | None = None
    reasoning_effort: ReasoningEffort | None = None
    metadata: dict[str, str] | None = None
    store: bool | None = None
    service_tier: ServiceTier | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    modalities: list[Literal["text", "audio"]] | None = None
    audio: AudioOutput | None = None
    prediction: Prediction | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: CacheOptions | None = None
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


_SIMPLE = ChatParameters.__struct_fields__.index("user") + 1
_NO_OTHERS = (None,) * (len(ChatParameters.__struct_fields__) - _SIMPLE)


def are_simple(parameters: ChatParameters) -> bool:
    """Return True if there are no members behind `user`, which few requests have."""
    return structs.astuple(parameters)[_SIMPLE:] == _NO_OTHERS
