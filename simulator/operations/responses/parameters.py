"""The body of a request for a response (OpenAPI documents 2025-03-01-preview and v1, and the SDK)."""

import re
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from simulator.errors import InvalidRequest, UnknownArguments
from simulator.messages import Request
from simulator.operations.chat.messages import CacheOptions
from simulator.operations.chat.parameters import ReasoningEffort
from simulator.operations.model_checks import unknown_parameter
from simulator.operations.responses.items import Item, Text
from simulator.operations.service_tier import ServiceTier
from simulator.wire.body import Body
from simulator.wire.wordings import Wordings

T = TypeVar("T")

Include = Literal[
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
]
Summary = Literal["concise", "detailed", "auto"]


class Reasoning(Struct, frozen=True, forbid_unknown_fields=True):
    effort: ReasoningEffort | None = None
    summary: Summary | None = None
    generate_summary: Summary | None = None
    context: Literal["auto", "current_turn", "all_turns"] | None = None
    mode: Literal["standard", "pro"] | None = None


class TextFormat(Struct, frozen=True, forbid_unknown_fields=True):
    type: Literal["json_object", "json_schema", "text"] = "text"
    name: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[a-zA-Z0-9_-]+\Z")] | None = (
        None
    )
    schema: dict[str, object] | None = None
    description: str | None = None
    strict: bool | None = None


class TextOptions(Struct, frozen=True, forbid_unknown_fields=True):
    format: TextFormat | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class StreamOptions(Struct, frozen=True, forbid_unknown_fields=True):
    include_obfuscation: bool | None = None


class ToolChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """One tool (a function by its name), or a choice among some (`allowed_tools`)."""

    type: str
    name: str | None = None
    mode: Literal["auto", "required"] | None = None
    tools: object = None
    server_label: str | None = None
    function: object = None
    """The place of the name in chat, which this API refuses."""


class MultiAgent(Struct, frozen=True, forbid_unknown_fields=True):
    """The leave to make subagents, and their number at a time (Microsoft's page, 2026-08)."""

    enabled: bool
    max_concurrent_subagents: Annotated[int, Meta(ge=1)] | None = None


class ContextManagement(Struct, frozen=True, forbid_unknown_fields=True):
    """The treatment of a long input (Microsoft's page, 2026-08)."""

    type: Literal["compaction"]
    compact_threshold: Annotated[int, Meta(ge=1_000)] | None = None


class ConversationReference(Struct, frozen=True, forbid_unknown_fields=True):
    id: str


class ResponseParameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every documented parameter. Those that change nothing in a generated answer are shown
    again.
    """

    model: str
    input: Text | list[Item] | None = None
    instructions: Text | None = None
    previous_response_id: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    store: bool | None = None
    background: bool | None = None
    max_output_tokens: Annotated[int, Meta(ge=16)] | None = None
    max_tool_calls: Annotated[int, Meta(ge=1)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    presence_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    include: list[Include] | None = None
    text: TextOptions | None = None
    reasoning: Reasoning | None = None
    tools: Annotated[list[Raw], Meta(max_length=128)] | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    truncation: Literal["auto", "disabled"] | None = None
    context_management: list[ContextManagement] | None = None
    multi_agent: MultiAgent | None = None
    metadata: dict[str, object] | None = None
    user: str | None = None
    safety_identifier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_options: CacheOptions | None = None
    prompt_cache_retention: Literal["in_memory", "in-memory", "24h"] | None = None
    service_tier: ServiceTier | None = None
    prompt: object = None
    conversation: str | ConversationReference | None = None
    # Parameters of chat completions, whose replacements the error names.
    messages: object = None
    max_tokens: object = None
    max_completion_tokens: object = None
    response_format: object = None
    reasoning_effort: object = None
    verbosity: object = None

    @property
    def conversation_id(self) -> str | None:
        """The id of the conversation that the response belongs to."""
        named = self.conversation
        return named.id if isinstance(named, ConversationReference) else named

    @property
    def stored(self) -> bool:
        return self.store is not False

    @property
    def compact_threshold(self) -> int | None:
        """The tokens of an input beyond which it is compacted."""
        given = [entry.compact_threshold for entry in self.context_management or ()]
        return min((threshold for threshold in given if threshold), default=None)

    @property
    def many_agents(self) -> bool:
        return self.multi_agent is not None and self.multi_agent.enabled

    @property
    def format(self) -> TextFormat:
        return (self.text and self.text.format) or TextFormat()

    @property
    def includes_encrypted(self) -> bool:
        return "reasoning.encrypted_content" in (self.include or ())

    @property
    def includes_logprobs(self) -> bool:
        return "message.output_text.logprobs" in (self.include or ())


# The wordings of choices and metadata were measured by users of OpenAI's API (2026-08), which has the same
# checks; the parts of messages were reported by many (2025-04 to 2026-03).
WORDINGS = Wordings(
    kinds={
        "input": "one of a string or array of input items",
        "input[]": "an input item",
        "metadata": "a metadata object",
        "prompt_cache_retention": "one of 'in_memory' or '24h'",
        "tool_choice": "one of an object or 'none', 'auto', or 'required'",
        "tools": "an array of tools",
    },
    values={
        "input[].content[].type": [
            "input_text",
            "input_image",
            "output_text",
            "refusal",
            "input_file",
            "computer_screenshot",
            "summary_text",
        ],
        "prompt_cache_retention": ("in_memory", "24h"),
    },
)
_BODY = Body(ResponseParameters, WORDINGS)


class _Included(Struct):
    include: list[Include]


_INCLUDED = Body(_Included)
# Clients write lists in a query as `include[]=a&include[]=b`, `include=a&include=b` or `include[]=a,b`.
_INCLUDE = re.compile(r"include(?:\[\d*\])?")
_ITEMS = re.compile(r"((?:input|items)\[\d+\])\.(?:role|type)")
_CONTENT = re.compile(r"input\[(\d+)\]\.content")
_MOVED = {
    "messages": "input",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
}


def decode_parameters(body: Body[T], data: bytes) -> T:
    """The parameters, or `InvalidRequest` in the words that this API has (reported by users)."""
    try:
        return body.decode(data)
    except UnknownArguments as error:
        raise unknown_parameter(error.names[0]) from None
    except InvalidRequest as error:
        raise _of_the_item(error) from None


def _of_the_item(error: InvalidRequest) -> InvalidRequest:
    """The refusal of an item's type or role names the item alone (reported, on Azure 2026-09)."""
    place = _ITEMS.fullmatch(error.param or "")
    if place is None or error.code != "invalid_value":
        return error
    return InvalidRequest(error.message, param=place[1], code=error.code)


def parse_parameters(body: bytes) -> ResponseParameters:
    """The parameters of a response; those of chat are refused with the names of their replacements."""
    parameters = decode_parameters(_BODY, body)
    for name, place in _MOVED.items():
        if getattr(parameters, name) is not None:
            raise InvalidRequest(
                f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved to "
                f"'{place}'. Try again with the new parameter. See the API documentation for more "
                "information: https://platform.openai.com/docs/api-reference/responses/create.",
                code="unsupported_parameter",
            )
    return parameters


def of_null(error: InvalidRequest, body: bytes) -> InvalidRequest:
    """Return the refusal of a message without content, in other words if it has null (many users)."""
    place = _CONTENT.fullmatch(error.param or "")
    if place is None or error.code != "missing_required_parameter":
        return error
    items: list[dict[str, object]] = msgspec.json.decode(body)["input"]
    if "content" not in items[int(place[1])]:
        return error
    return InvalidRequest(
        f"Invalid type for '{error.param}': expected one of an array of objects or string, but got null "
        "instead.",
        param=error.param,
        code="invalid_type",
    )


def check_include(request: Request) -> None:
    """Refuse a query's `include` as a body's is; what it names changes nothing."""
    lists = [value for name, value in request.query_pairs if _INCLUDE.fullmatch(name)]
    if lists:
        named = [value for values in lists for value in values.split(",")]
        _INCLUDED.decode(msgspec.json.encode({"include": named}))


def as_response_parameters(parameters: Struct) -> ResponseParameters:
    """The parameters of another operation, which a response has as well, as those of a response."""
    names = parameters.__struct_fields__
    return ResponseParameters(**{name: getattr(parameters, name) for name in names})
