"""The Responses API: `POST /openai/responses` and `/openai/v1/responses`."""

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from msgspec import Raw, structs

from simulator.catalogue.deployments import Deployment
from simulator.concurrency import UNBOUNDED, off_loop
from simulator.content_filter.answers import filtered, filtered_body
from simulator.content_filter.refusals import FilteredContent, failed_stream
from simulator.errors import ApiError, RateLimited
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.limits.admission import check_provisioned_prompt
from simulator.limits.estimate import CHAT_MAX_TOKENS
from simulator.messages import NO_HEADERS, SERVED_MODEL, Answer, Chunk, Usage
from simulator.operations.answer_size import check_answer_size, work_of
from simulator.operations.base import Call, Cost, Target
from simulator.operations.chat.cached_prefixes import Conversation, cache_use, writes
from simulator.operations.conversations.store import VersionedConversation, free
from simulator.operations.prompt_cache import LEAST, CacheUse, hastened, place_of
from simulator.operations.resources import Resources
from simulator.operations.responses.checks import check_dated
from simulator.operations.responses.drafting import ResponseRequest, ResponseWriter, Wanted
from simulator.operations.responses.encrypted_content import EncryptedContent
from simulator.operations.responses.ending import Endings
from simulator.operations.responses.ids import ResponseIds
from simulator.operations.responses.items import Item
from simulator.operations.responses.lifecycle import stored_response
from simulator.operations.responses.output import ResponseOutput
from simulator.operations.responses.parameters import parse_parameters
from simulator.operations.responses.prompt import Prompt
from simulator.operations.responses.reading import Context, ReadingOperation
from simulator.operations.responses.store import ResponseStore, StoredResponse
from simulator.operations.responses.stored_items import kept_item
from simulator.operations.responses.stream import response_chunks
from simulator.operations.responses.throttling import throttled_chunks
from simulator.operations.responses.turns import Turns
from simulator.operations.responses.wire import ResponseEnvelope, finished_body, pending_body
from simulator.operations.routes import resource_routes
from simulator.operations.service_tier import served_tier
from simulator.tokens.json_text import compact
from simulator.wire.obfuscation import Padding


class Responses(ReadingOperation):
    name = "responses"
    routes = resource_routes("POST", "responses")
    scripted = frozenset(("reply", "call"))
    limit_name = "Create_Response"
    filter_shape = "responses"

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._store = ResponseStore(resources.container, resources.now)
        self._turns = Turns(resources)
        self._endings = Endings(resources)
        self._writer = ResponseWriter(resources.writer, resources.rng)

    def parse(self, target: Target) -> ResponseRequest:
        check_dated(target.api_version)
        return self._reader.read(target, parse_parameters(target.request.body))

    def cost(self, call: Call[ResponseRequest]) -> Cost | None:
        request = call.parameters
        if request is None:
            return None
        prompt = request.prompt
        return Cost(
            prompt.characters,
            prompt.tokens,
            request.parameters.max_output_tokens,
            assumed_tokens=CHAT_MAX_TOKENS,
        )

    def tier(self, call: Call[ResponseRequest]) -> str:
        request = call.parameters
        return "default" if request is None else _tier(request, call.deployment)

    async def generate(self, call: Call[ResponseRequest], tempo: Tempo) -> Answer:
        request, now = call.parsed, self._resources.now()
        ids = ResponseIds(self._resources.secrets, now)
        context = await self._reader.context(request, call.request.resource)
        if context.conversation is not None:
            free(context.conversation.conversation)
        prompt = await self._checked_prompt(call, context)
        output = await self._output(call, context.items, prompt, ids)
        cached = self._cached(call, prompt)
        tempo = hastened(tempo, cached.read, prompt.tokens)
        envelope = _envelope(request, ids, now, prompt, call.deployment)
        output = replace(output, usage=_charged(output.usage, cached, envelope.tier))
        done = finished_body(envelope, output, now + tempo.at(output.units))
        chunks = self._chunks(envelope, output, done, tempo)
        answer = _answer(envelope, output, chunks)
        if call.screening is not None:
            # It is stored as its client reads it.
            answer = await filtered(answer, call.screening, "responses")
            done = filtered_body(done, call.screening)
            chunks = tuple(cast("tuple[Chunk, ...]", answer.chunks))
        if request.parameters.stored or context.conversation is not None:
            new = [kept_item(item, ids) for item in context.items[len(context.stored) :]]
            items, work = [*context.stored, *new], (tempo.at(1), tempo.at(output.units))
            stored = stored_response(
                envelope, done, items, chunks=chunks, work=work, fault=call.fault
            )
            stored = structs.replace(stored, resource=call.request.resource)
            await self._keep(request, context.conversation, stored, new)
        return answer

    async def _keep(
        self,
        request: ResponseRequest,
        conversation: VersionedConversation | None,
        stored: StoredResponse,
        new: Sequence[Raw],
    ) -> None:
        if conversation is not None:
            # Also without `store`, as in OpenAI's API (recorded by users, 2026-06).
            await self._turns.add(conversation, stored, new)
        if request.parameters.stored:
            await self._store.keep(stored)
            self._endings.expect(stored)

    async def _checked_prompt(self, call: Call[ResponseRequest], context: Context) -> Prompt:
        """The prompt of the whole conversation, which is checked where it was not all in the request."""
        request = call.parsed
        prompt = await self._reader.whole_prompt(request, context)
        if not request.self_contained and call.deployment and call.deployment.provisioned:
            check_provisioned_prompt(prompt.tokens)
        return prompt

    async def _output(
        self,
        call: Call[ResponseRequest],
        items: Sequence[Item],
        prompt: Prompt,
        ids: ResponseIds,
    ) -> ResponseOutput:
        request, parameters = call.parsed, call.parsed.parameters
        logprobs = (parameters.top_logprobs or 0) if parameters.includes_logprobs else None
        most = min(parameters.max_output_tokens or 0, prompt.room)
        check_answer_size(1, most, logprobs=logprobs, param="top_logprobs")
        expected = call.shape.expected(parameters.max_output_tokens)
        size = len(call.request.body) + 4 * work_of(1, expected, logprobs=logprobs)
        if request.tools.callable or parameters.format.type == "json_schema":
            size = UNBOUNDED  # A client's schema says how long the work takes.
        encrypted = EncryptedContent(self._resources.content_key, call.request.resource)
        make = functools.partial(encrypted.make, now=ids.now, rng=self._resources.rng)
        wanted = Wanted(call.shape, call.script, make)
        return await off_loop(
            size, lambda: self._writer.output(request, items, prompt, ids, wanted=wanted)
        )

    def refused(self, call: Call[ResponseRequest], error: ApiError) -> Answer:
        request = call.parameters
        if request is None or not request.parameters.stream:
            return super().refused(call, error)
        now = self._resources.now()
        ids = ResponseIds(self._resources.secrets, now)
        envelope = _envelope(request, ids, now, request.prompt, call.deployment)
        if isinstance(error, FilteredContent):
            return failed_stream(pending_body(envelope, "in_progress"), error)
        if self._resources.throttled_in_stream and isinstance(error, RateLimited):
            return Answer.stream(throttled_chunks(envelope, error))
        return super().refused(call, error)

    def _cached(self, call: Call[ResponseRequest], prompt: Prompt) -> CacheUse:
        cache, request = self._resources.prompt_cache, call.parsed
        if cache is None or prompt.tokens < LEAST:
            return CacheUse()
        shown = [compact(tool.function) for tool in request.tools.callable]
        place = place_of(call.deployment, request.parameters.prompt_cache_key)
        if writes(request.model, call.deployment):
            tokenizer = self._resources.tokenizer
            said = Conversation(
                shown, prompt.messages, prompt.tokens, request.model, tokenizer, "responses"
            )
            return cache_use(cache, place, said, request.parameters.prompt_cache_options)
        texts = [text for message in prompt.texts for text in message.texts]
        return CacheUse(cache.cached(request.model, place, [*shown, *texts], prompt.tokens))

    def _chunks(
        self,
        envelope: ResponseEnvelope,
        output: ResponseOutput,
        done: dict[str, object],
        tempo: Tempo,
    ) -> tuple[Chunk, ...]:
        parameters = envelope.parameters
        if not parameters.stream:
            shown = pending_body(envelope, "queued") if parameters.background else done
            due = 0.0 if parameters.background else tempo.at(output.units)
            return (Chunk(indented(shown), due),)
        options = parameters.stream_options
        padded = options is None or options.include_obfuscation is not False
        padding = Padding(self._resources.rng) if padded else None
        return response_chunks(envelope, output, done, tempo=tempo, padding=padding)


def _charged(usage: Usage, cached: CacheUse, tier: str) -> Usage:
    return structs.replace(usage, cached=cached.read, written=cached.written, tier=tier)


def _tier(request: ResponseRequest, deployment: Deployment | None) -> str:
    asked, tokens = request.parameters.service_tier, request.prompt.tokens
    return served_tier(asked, request.model, deployment, prompt_tokens=tokens)


def _envelope(
    request: ResponseRequest,
    ids: ResponseIds,
    now: float,
    prompt: Prompt,
    deployment: Deployment | None,
) -> ResponseEnvelope:
    return ResponseEnvelope(
        ids.draw("resp"),
        now,
        request.parameters,
        request.model,
        request.tools.shown,
        request.effort,
        prompt.characters,
        _tier(request, deployment),
        prompt.asked,
    )


def _answer(
    envelope: ResponseEnvelope, output: ResponseOutput, chunks: tuple[Chunk, ...]
) -> Answer:
    headers = {SERVED_MODEL: envelope.named or ""} if envelope.model.routes_to else NO_HEADERS
    if envelope.parameters.stream:
        return Answer.stream(chunks, usage=output.usage).with_headers(headers)
    return Answer(200, chunks, usage=output.usage, headers=headers)
