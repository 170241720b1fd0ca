"""Chat completions: `POST …/chat/completions`."""

import random
from collections.abc import Iterator, Sequence

from msgspec import structs

from simulator.catalogue.models import Model
from simulator.concurrency import UNBOUNDED, off_loop
from simulator.errors import InvalidRequest
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.latency import AT_ONCE, Tempo
from simulator.limits.estimate import CHAT_MAX_TOKENS
from simulator.messages import SERVED_MODEL, Answer, Chunk, Usage, materialised
from simulator.operations.answer_size import work_of
from simulator.operations.base import EMPTY_SUMMARY, Call, Cost, Operation, RequestSummary, Target
from simulator.operations.chat.cached_prefixes import Conversation, cache_use, writes
from simulator.operations.chat.choice import Choice
from simulator.operations.chat.identity import AnswerIdentity
from simulator.operations.chat.maker_shape import (
    MakerEvents,
    answer_id,
    call_id,
    maker_body,
    maker_chunks,
)
from simulator.operations.chat.on_your_data import context_of, data_chunks, whole_body
from simulator.operations.chat.parameters import ChatParameters, StreamOptions
from simulator.operations.chat.prompt import texts_of
from simulator.operations.chat.request import Chat, logprobs_of, read_chat, tier_of
from simulator.operations.chat.spoken import SpokenAnswer, audio_tokens, speak, speaks
from simulator.operations.chat.stream import chat_chunks, checkpoint_of, work_done
from simulator.operations.chat.summary import summary_of
from simulator.operations.chat.thoughts import is_tagged, shows_thoughts, thinking_effort
from simulator.operations.chat.tools import ending, tools_of
from simulator.operations.chat.wire import EventTemplate, answer_body
from simulator.operations.prompt_cache import LEAST, UNCACHED, CacheUse, hastened, place_of
from simulator.operations.resources import Resources
from simulator.operations.routes import Route, model_routes
from simulator.operations.stored_chat.recording import ChatRecorder, is_stored
from simulator.synthesis.drafts import Draft, DraftRequest
from simulator.synthesis.logprobs import encoded_logprobs
from simulator.tokens.json_text import compact
from simulator.wire import ids
from simulator.wire.obfuscation import Padding


class ChatCompletions(Operation[Chat]):
    name = "chat_completions"
    routes = (*model_routes("chat/completions"), Route("POST", "models/chat/completions"))
    capability = "chatCompletion"
    scripted = frozenset(("reply", "call"))
    limit_name = "ChatCompletions_Create"
    filter_shape = "text"

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._stored = ChatRecorder(resources)

    def parse(self, target: Target) -> Chat:
        return read_chat(target, self._resources)

    def cost(self, call: Call[Chat]) -> Cost | None:
        chat = call.parameters
        if chat is None:
            return None
        return Cost(
            chat.prompt_characters,
            chat.prompt_tokens,
            chat.asked,
            chat.choices,
            CHAT_MAX_TOKENS,
        )

    def tier(self, call: Call[Chat]) -> str:
        chat = call.parameters
        return "default" if chat is None else tier_of(chat, call.deployment)

    async def generate(self, call: Call[Chat], tempo: Tempo) -> Answer:
        chat = call.parsed
        expected = call.shape.expected(chat.asked)
        size = chat.choices * expected if chat.simple else _work(chat, expected)
        answer, body = await off_loop(size, self._answer, call, chat, tempo)
        if body is not None:
            await self._stored.keep(call, chat.parameters, body)
        if call.deployment is not None and call.deployment.model.routes_to:
            return answer.with_headers({SERVED_MODEL: chat.model.wire_name})
        return answer

    async def summary(self, call: Call[Chat]) -> RequestSummary:
        return EMPTY_SUMMARY if call.parameters is None else summary_of(call.parameters.parameters)

    def _answer(self, call: Call[Chat], chat: Chat, tempo: Tempo) -> tuple[Answer, bytes | None]:
        """The answer, and its plain body if it is to be stored."""
        parameters, model = chat.parameters, chat.model
        rng = random.Random(chat.seed) if chat.seed is not None else self._resources.rng
        drafts, cached = self._drafts(call, chat, rng), self._cached(call, chat)
        if cached.read:
            tempo = hastened(tempo, cached.read, chat.prompt_tokens)
        tier, now = tier_of(chat, call.deployment), self._resources.now()
        usage = _usage(chat, drafts, cached, tier)
        identity = AnswerIdentity(self._id(model, now), int(now), model, tier, chat.images)
        choices = self._choices(call, chat, drafts, rng)
        stored = not chat.simple and is_stored(parameters)
        body = b""
        if stored or not parameters.stream:
            body = _plain_body(chat, identity, choices, usage, checkpoint_of(drafts, tempo))
        if not parameters.stream:
            due = 0.0 if tempo is AT_ONCE else tempo.at(work_done(drafts))
            answer = Answer.plain(body, usage=usage, due=due)
        else:
            together = not call.changes_events
            answer = self._streamed(
                parameters, identity, choices, usage, tempo=tempo, together=together
            )
        return answer, body if stored else None

    def _streamed(
        self,
        parameters: ChatParameters,
        identity: AnswerIdentity,
        choices: Sequence[Choice],
        usage: Usage,
        *,
        tempo: Tempo,
        together: bool,
    ) -> Answer:
        options = parameters.stream_options or StreamOptions()
        shown = usage if options.include_usage else None
        if identity.model.maker_shape:
            events = maker_chunks(MakerEvents(identity), choices, usage=shown, tempo=tempo)
            made = _stream_of(events, choices, usage)
            return structs.replace(made, content_type="text/event-stream")
        context = context_of(parameters)
        if context is not None:
            events = data_chunks(identity, choices, context, usage=shown, tempo=tempo)
            return Answer.stream(tuple(events), usage=usage)
        template = EventTemplate(
            identity,
            include_usage=bool(options.include_usage),
            padding=None if options.include_obfuscation is False else Padding(self._resources.rng),
        )
        events = chat_chunks(template, choices, usage=shown, tempo=tempo, together=together)
        return _stream_of(events, choices, usage)

    def _id(self, model: Model, now: float) -> str:
        rng = self._resources.rng
        return answer_id(model, rng) if model.maker_shape else ids.chat(rng, now)

    def _cached(self, call: Call[Chat], chat: Chat) -> CacheUse:
        cache = self._resources.prompt_cache
        counts = writes(chat.model, call.deployment)
        if cache is None or chat.prompt_tokens < LEAST:
            return CacheUse(0, 0) if counts else UNCACHED
        parameters, tokenizer = chat.parameters, self._resources.tokenizer
        shown = [compact(tool.function) for tool in tools_of(parameters)]
        place = place_of(call.deployment, parameters.prompt_cache_key)
        if counts:
            said = Conversation(
                shown, parameters.messages, chat.prompt_tokens, chat.model, tokenizer
            )
            return cache_use(cache, place, said, parameters.prompt_cache_options)
        texts = [text for message in texts_of(parameters.messages) for text in message.texts]
        return CacheUse(cache.cached(chat.model, place, [*shown, *texts], chat.prompt_tokens))

    def _drafts(self, call: Call[Chat], chat: Chat, rng: random.Random) -> list[Draft]:
        parameters, model, writer = chat.parameters, chat.model, self._resources.writer
        wanted = DraftRequest(
            model.encoding,
            chat.room,
            chat.asked,
            parameters.stops if parameters.stop is not None else (),
            effort=thinking_effort(parameters.reasoning_effort, model),
            shape=call.shape,
            script=call.script,
        )
        if not chat.simple or call.shape.style == "echo":
            wanted = self._shaped(wanted, chat)
        try:
            return [writer.draft(wanted, rng) for _ in range(chat.choices)]
        except UnsatisfiableSchema as error:
            raise _without_instance(chat, error) from None

    def _shaped(self, wanted: DraftRequest, chat: Chat) -> DraftRequest:
        """The request for a draft, with what the prompt or the parameters say of its form."""
        parameters, echoes = chat.parameters, wanted.shape.style == "echo"
        asked = summary_of(parameters) if echoes or parameters.wants_json else EMPTY_SUMMARY
        return structs.replace(
            wanted,
            json=parameters.wants_json,
            prompt=asked.messages if parameters.wants_json else (),
            schema=parameters.schema,
            tools=chat.calls,
            budget=self._resources.writer.budget(),
            echo=asked.last_message if echoes else "",
        )

    def _choices(
        self, call: Call[Chat], chat: Chat, drafts: Sequence[Draft], rng: random.Random
    ) -> list[Choice]:
        if chat.simple:
            choices = [Choice(draft, draft.finish_reason) for draft in drafts]
        else:
            choices = [self._choice(chat, draft, rng) for draft in drafts]
        if chat.model.maker_shape and shows_thoughts(chat.model):
            return self._with_thoughts(call, choices, rng)
        return choices

    def _choice(self, chat: Chat, draft: Draft, rng: random.Random) -> Choice:
        parameters = chat.parameters
        if not draft.calls:
            entries = encoded_logprobs(draft.pieces, logprobs_of(parameters), rng)
            return Choice(
                draft, draft.finish_reason, entries, spoken=self._spoken(parameters, draft)
            )
        needed = len(draft.calls) if parameters.functions is None else 0
        call_ids = [self._call_id(chat.model) for _ in range(needed)]
        return Choice(draft, ending(parameters, draft), ids=call_ids)

    def _call_id(self, model: Model) -> str:
        rng = self._resources.rng
        return call_id(model, rng) if model.maker_shape else ids.tool_call(rng)

    def _with_thoughts(
        self, call: Call[Chat], choices: list[Choice], rng: random.Random
    ) -> list[Choice]:
        tagged, thought = is_tagged(call.parsed.model, call.request), self._resources.writer.thought
        return [
            structs.replace(one, thought=thought(one.draft.reasoning, rng), tagged=tagged)
            for one in choices
        ]

    def _spoken(self, parameters: ChatParameters, draft: Draft) -> SpokenAnswer | None:
        if parameters.audio is None or not speaks(parameters):
            return None
        id_, now = ids.audio(self._resources.rng), int(self._resources.now())
        return speak(draft.text, parameters.audio, id_, now)


def _plain_body(
    chat: Chat,
    identity: AnswerIdentity,
    choices: Sequence[Choice],
    usage: Usage,
    checkpoint: str,
) -> bytes:
    if identity.model.maker_shape:
        return maker_body(identity, choices, usage)
    if chat.simple:
        return answer_body(identity, choices, usage, checkpoint)
    return whole_body(chat.parameters, identity, choices, usage, checkpoint)


def _stream_of(
    events: tuple[Chunk, ...] | Iterator[Chunk], choices: Sequence[Choice], usage: Usage
) -> Answer:
    chunks = materialised(events, sum(choice.draft.tokens for choice in choices))
    return Answer.stream(chunks, usage=usage)


def _work(chat: Chat, expected: int) -> int:
    """The size of the work on answers of the expected length."""
    parameters = chat.parameters
    if chat.calls or parameters.schema is not None or speaks(parameters):
        return UNBOUNDED  # A client's schema says how long the work takes, sound takes long.
    return work_of(chat.choices, expected, logprobs=logprobs_of(parameters))


def _usage(chat: Chat, drafts: Sequence[Draft], cached: CacheUse, tier: str) -> Usage:
    """The tokens of the answer; what is spoken costs those of the sound as well."""
    reasoning = tokens = audio = 0
    for draft in drafts:
        reasoning += draft.reasoning
        tokens += draft.tokens
    if not chat.simple and speaks(chat.parameters):
        audio = sum([audio_tokens(draft.text) for draft in drafts if not draft.calls])
    return Usage(
        chat.prompt_tokens,
        audio + reasoning + tokens,
        reasoning,
        cached.read,
        audio,
        chat.heard_tokens,
        cached.written,
        tier,
    )


def _without_instance(chat: Chat, error: UnsatisfiableSchema) -> InvalidRequest:
    """The simulator's own: a model would make up something that does not fit the schema."""
    where = " or ".join(f"function '{tool.name}'" for tool in chat.calls) or "response_format"
    return InvalidRequest(
        f"Invalid schema for {where}: no instance of it can be made: {error.reason}.",
        param="tools" if chat.calls else "response_format",
    )
