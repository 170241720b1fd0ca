"""`POST …/responses/compact`: a conversation becomes its user's messages and a summary that nobody but the
service reads.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from simulator.errors import InvalidRequest
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.limits.estimate import CHAT_MAX_TOKENS
from simulator.messages import Answer, Usage
from simulator.operations.base import Call, Cost, Target
from simulator.operations.responses.drafting import ResponseRequest
from simulator.operations.responses.encrypted_content import EncryptedContent, summary_tokens
from simulator.operations.responses.ids import ResponseIds
from simulator.operations.responses.items import Item, Text
from simulator.operations.responses.parameters import (
    WORDINGS,
    Reasoning,
    TextOptions,
    as_response_parameters,
    decode_parameters,
)
from simulator.operations.responses.reading import ReadingOperation
from simulator.operations.responses.stored_items import kept_item
from simulator.operations.responses.wire import usage_members
from simulator.operations.routes import Route
from simulator.operations.service_tier import ServiceTier
from simulator.wire.body import Body


class CompactParameters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The documented parameters, and those that Codex sends (taken by Azure, users 2026-07)."""

    model: str
    input: Text | list[Item] | None = None
    instructions: Text | None = None
    previous_response_id: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Literal["in_memory", "in-memory", "24h"] | None = None
    service_tier: ServiceTier | None = None
    tools: Annotated[list[Raw], Meta(max_length=128)] | None = None
    parallel_tool_calls: bool | None = None
    reasoning: Reasoning | None = None
    text: TextOptions | None = None


_BODY = Body(CompactParameters, WORDINGS)


class CompactResponses(ReadingOperation):
    name = "responses_compact"
    routes = (Route("POST", "openai/v1/responses/compact"),)
    limit_name = "Compact_Response"

    def parse(self, target: Target) -> ResponseRequest:
        parameters = decode_parameters(_BODY, target.request.body)
        if parameters.parallel_tool_calls is not None and not parameters.tools:
            raise InvalidRequest(
                "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when "
                "'tools' are specified.",
                param="parallel_tool_calls",
            )
        return self._reader.read(target, as_response_parameters(parameters))

    def cost(self, call: Call[ResponseRequest]) -> Cost | None:
        if call.parameters is None:
            return None
        prompt = call.parameters.prompt
        return Cost(prompt.characters, prompt.tokens, None, assumed_tokens=CHAT_MAX_TOKENS)

    async def generate(self, call: Call[ResponseRequest], tempo: Tempo) -> Answer:
        request, resource, now = call.parsed, call.request.resource, self._resources.now()
        context = await self._reader.context(request, resource)
        prompt = await self._reader.whole_prompt(request, context)
        usage = Usage(prompt.tokens, min(summary_tokens(prompt.tokens), prompt.room))
        ids = ResponseIds(self._resources.secrets, now)
        encrypted = EncryptedContent(self._resources.content_key, resource)
        summary = {
            "id": ids.draw("cmp"),
            "type": "compaction",
            "encrypted_content": encrypted.make(usage.completion, now, self._resources.rng),
        }
        body = {
            "id": ids.draw("resp"),
            "object": "response.compaction",
            "created_at": int(now),
            "output": [*_user_messages(context.items, ids), summary],
            "usage": usage_members(usage),
        }
        return Answer.plain(indented(body), usage=usage, due=tempo.at(usage.completion))


def _user_messages(items: Sequence[Item], ids: ResponseIds) -> list[object]:
    kept = [item for item in items if item.kind == "message" and item.role == "user"]
    return [kept_item(item, ids) for item in kept]
