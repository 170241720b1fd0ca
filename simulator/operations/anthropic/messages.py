"""Messages of Claude on Foundry: `POST /anthropic/v1/messages`, and the tokens of one."""

import random
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from simulator.catalogue.models import Model
from simulator.concurrency import UNBOUNDED, off_loop
from simulator.errors import ApiError, InvalidRequest, in_anthropics_shape
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.latency import Tempo
from simulator.messages import Answer, Request, Usage, materialised
from simulator.operations.anthropic.checks import (
    VERSION_HEADER,
    check_message,
    check_prompt,
    check_request,
)
from simulator.operations.anthropic.parameters import MessageParameters, PromptParameters
from simulator.operations.anthropic.prompt import Prompt, prompt_of
from simulator.operations.anthropic.refusals import in_pydantics_words
from simulator.operations.anthropic.thinking import (
    Signatures,
    Thought,
    effort_of,
    is_redacted,
    is_shown,
)
from simulator.operations.anthropic.tools import called_tools, summary_of, tools_of
from simulator.operations.anthropic.wire import MessageIdentity, message_body, message_chunks
from simulator.operations.base import (
    EMPTY_SUMMARY,
    Call,
    Cost,
    Operation,
    P,
    RequestSummary,
    Target,
)
from simulator.operations.prompt_cache import LEAST, STEP, hastened, place_of
from simulator.operations.routes import Route
from simulator.synthesis.drafts import Draft, DraftRequest
from simulator.synthesis.tool_selection import Tool
from simulator.wire import ids
from simulator.wire.body import Body


class _Named(Struct):
    model: str


_BODY, _PROMPT, _NAMED = Body(MessageParameters), Body(PromptParameters), Body(_Named)
_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


class MessageRequest(Struct, frozen=True):
    """A request for a message that has passed all checks."""

    parameters: MessageParameters
    model: Model
    prompt: Prompt
    room: int
    """Tokens that an answer may have."""
    calls: tuple[Tool, ...] = ()
    effort: str | None = None
    """The effort with which it thinks; None: it does not."""


class _AnthropicOperation(Operation[P]):
    """The shared part of Anthropic's routes: the shape of errors and of ids."""

    capability = "messages"

    @property
    def on_model_side(self) -> bool:
        """The headers of Azure's own models are not on its errors."""
        return False

    def deployment_name(self, request: Request, path_parameters: Mapping[str, str]) -> str | None:
        del path_parameters
        try:
            return _NAMED.decode(request.body).model
        except InvalidRequest as error:
            raise self._shaped(in_pydantics_words(error, request.body)) from None

    def parse(self, target: Target) -> P:
        try:
            check_request(target.request)
            return self._parsed(target)
        except InvalidRequest as error:
            raise self._shaped(in_pydantics_words(error, target.request.body)) from None

    def _parsed(self, target: Target) -> P:
        raise NotImplementedError

    def refused(self, call: Call[P], error: ApiError) -> Answer:
        del call
        return self._shaped(error).answer()

    def _shaped(self, error: ApiError) -> ApiError:
        return in_anthropics_shape(error, ids.anthropic("req", self._resources.rng))

    def _signatures(self, request: Request) -> Signatures:
        return Signatures(self._resources.content_key, request.resource)

    def _headers(self) -> dict[str, str]:
        return {"request-id": ids.anthropic("req", self._resources.rng)}


class Messages(_AnthropicOperation[MessageRequest]):
    name = "messages"
    routes = (Route("POST", "anthropic/v1/messages"),)
    scripted = frozenset(("reply", "call"))
    limit_name = "Messages_Create"

    def _parsed(self, target: Target) -> MessageRequest:
        parameters, model = _BODY.decode(target.request.body), target.model
        headers = target.request.headers
        check_prompt(parameters, model, self._resources.schema_checks, headers[VERSION_HEADER])
        check_message(parameters, model, headers)
        self._signatures(target.request).check(parameters.messages)
        prompt = prompt_of(parameters, model, self._resources.tokenizer)
        window = target.context_window
        if prompt.tokens > window:
            raise InvalidRequest(f"prompt is too long: {prompt.tokens} tokens > {window} maximum")
        room = min(window - prompt.tokens, model.max_output)
        return MessageRequest(
            parameters,
            model,
            prompt,
            room,
            called_tools(parameters, tools_of(parameters)),
            effort_of(parameters, headers),
        )

    def cost(self, call: Call[MessageRequest]) -> Cost | None:
        asked = call.parameters
        if asked is None:
            return None
        limit, prompt = asked.parameters.max_tokens, asked.prompt
        return Cost(prompt.characters, prompt.tokens, limit, assumed_tokens=limit)

    async def summary(self, call: Call[MessageRequest]) -> RequestSummary:
        if call.parameters is None:
            return EMPTY_SUMMARY
        parameters = call.parameters.parameters
        return summary_of(parameters, streamed=bool(parameters.stream))

    async def generate(self, call: Call[MessageRequest], tempo: Tempo) -> Answer:
        asked = call.parsed
        size = call.shape.expected(asked.parameters.max_tokens)
        if asked.calls or asked.effort or asked.parameters.schema is not None:
            size = UNBOUNDED  # A client's schema, or the thinking, says how long the work takes.
        return await off_loop(size, lambda: self._answer(call, tempo))

    def _answer(self, call: Call[MessageRequest], tempo: Tempo) -> Answer:
        asked, resources = call.parsed, self._resources
        draft = self._draft(call, self._rng(asked))
        cached, written = self._cached(call)
        tempo = hastened(tempo, cached, asked.prompt.tokens)
        tokens = draft.reasoning + draft.tokens
        usage = Usage(asked.prompt.tokens, tokens, draft.reasoning, cached, written=written)
        identity = MessageIdentity(
            ids.anthropic("msg", resources.rng),
            asked.model.wire_name,
            usage,
            _stop_reason(asked, draft),
            draft.stopped_by or None,
            [ids.anthropic("toolu", resources.rng) for _ in draft.calls],
            asked.prompt.lifetime,
            self._thought(call, draft.reasoning) if draft.reasoning else None,
        )
        if asked.parameters.stream:
            chunks = materialised(message_chunks(identity, draft, tempo), tokens)
            return Answer.stream(chunks, usage=usage).with_headers(self._headers())
        due = tempo.at(max(1, tokens))
        body = message_body(identity, draft)
        return Answer.plain(body, usage=usage, due=due, headers=self._headers())

    def _thought(self, call: Call[MessageRequest], tokens: int) -> Thought:
        parameters, rng = call.parsed.parameters, self._resources.rng
        pieces: Sequence[str] = ()
        if is_shown(parameters, call.parsed.model) and not is_redacted(parameters):
            pieces = self._resources.writer.thought(tokens, rng)
        signature = self._signatures(call.request).make("".join(pieces), rng)
        return Thought(tokens, pieces, signature, is_redacted(parameters))

    def _rng(self, asked: MessageRequest) -> random.Random:
        """Return the same generator for the same request if it leaves nothing to chance."""
        if asked.parameters.temperature != 0:
            return self._resources.rng
        return random.Random("\0".join(piece.text for piece in asked.prompt.pieces))

    def _draft(self, call: Call[MessageRequest], rng: random.Random) -> Draft:
        asked, writer = call.parsed, self._resources.writer
        parameters = asked.parameters
        echoes = call.shape.style == "echo"
        wanted = DraftRequest(
            encoding=asked.model.encoding,
            room=asked.room,
            asked=parameters.max_tokens,
            stops=tuple(parameters.stop_sequences or ()),
            effort=asked.effort,
            schema=parameters.schema,
            tools=asked.calls,
            budget=writer.budget(),
            shape=call.shape,
            echo=summary_of(parameters, streamed=False).last_message if echoes else "",
            script=call.script,
        )
        try:
            return writer.draft(wanted, rng)
        except UnsatisfiableSchema as error:
            where = " or ".join(f"tool '{tool.name}'" for tool in asked.calls) or "output_config"
            problem = f"no instance of the schema of {where} can be made: {error.reason}."
            raise InvalidRequest(problem) from None

    def _cached(self, call: Call[MessageRequest]) -> tuple[int, int]:
        """The tokens of the prompt that are read from the cache, and those that are written to it."""
        cache, asked = self._resources.prompt_cache, call.parsed
        prefix = asked.prompt.cacheable
        tokens = sum(piece.tokens for piece in prefix)
        if cache is None or tokens < LEAST:
            return 0, 0
        texts = [piece.text for piece in prefix]
        found = cache.cached(asked.model, place_of(call.deployment, None), texts, tokens)
        read = tokens if found and tokens - found <= STEP else found
        return read, tokens - read


def _stop_reason(asked: MessageRequest, draft: Draft) -> str:
    if draft.stopped_by:
        return "stop_sequence"
    if draft.finish_reason == "length" and asked.room < asked.parameters.max_tokens:
        return "model_context_window_exceeded"
    return _REASONS[draft.finish_reason]


class CountTokens(_AnthropicOperation[Prompt]):
    name = "messages_count_tokens"
    routes = (Route("POST", "anthropic/v1/messages/count_tokens"),)
    uncounted = True

    def _parsed(self, target: Target) -> Prompt:
        parameters = _PROMPT.decode(target.request.body)
        version = target.request.headers[VERSION_HEADER]
        check_prompt(parameters, target.model, self._resources.schema_checks, version)
        self._signatures(target.request).check(parameters.messages)
        return prompt_of(parameters, target.model, self._resources.tokenizer)

    async def generate(self, call: Call[Prompt], tempo: Tempo) -> Answer:
        body = msgspec.json.encode({"input_tokens": call.parsed.tokens})
        return Answer.plain(body, headers=self._headers(), due=tempo.at(1))
