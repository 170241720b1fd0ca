"""`POST …/responses/input_tokens`: the tokens that a request for a response would have as its input."""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.responses.drafting import ResponseRequest
from simulator.operations.responses.items import Item, Text
from simulator.operations.responses.parameters import (
    WORDINGS,
    ConversationReference,
    Reasoning,
    TextOptions,
    ToolChoice,
    as_response_parameters,
    decode_parameters,
)
from simulator.operations.responses.reading import ReadingOperation
from simulator.operations.routes import Route
from simulator.wire.body import Body


class InputTokensParameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of a response on which its input depends."""

    model: str
    conversation: str | ConversationReference | None = None
    input: Text | list[Item] | None = None
    instructions: Text | None = None
    parallel_tool_calls: bool | None = None
    previous_response_id: str | None = None
    reasoning: Reasoning | None = None
    text: TextOptions | None = None
    tool_choice: Literal["none", "auto", "required"] | ToolChoice | None = None
    tools: Annotated[list[Raw], Meta(max_length=128)] | None = None
    truncation: Literal["auto", "disabled"] | None = None


_BODY = Body(InputTokensParameters, WORDINGS)


class ResponsesInputTokens(ReadingOperation):
    name = "responses_input_tokens"
    routes = (Route("POST", "openai/v1/responses/input_tokens"),)
    limit_name = "InputTokens_Count"

    def parse(self, target: Target) -> ResponseRequest:
        parameters = decode_parameters(_BODY, target.request.body)
        return self._reader.read(target, as_response_parameters(parameters))

    async def generate(self, call: Call[ResponseRequest], tempo: Tempo) -> Answer:
        del tempo
        request = call.parsed
        context = await self._reader.context(request, call.request.resource)
        tokens = (await self._reader.whole_prompt(request, context)).tokens
        return Answer.plain(indented({"object": "response.input_tokens", "input_tokens": tokens}))
