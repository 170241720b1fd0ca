"""Chat answers of other makers' models, which Foundry passes on in a shape of their own.

xAI's were recorded 2026-08, plain, streamed and with tools; DeepSeek's and gpt-oss's were published
2026-06 to 2026-09, plain, and DeepSeek's stream 2025-08. The others follow DeepSeek's.
"""

import heapq
import itertools
import random
from collections.abc import Iterator, Sequence

from msgspec import Raw

from simulator.catalogue.models import Model
from simulator.latency import Tempo
from simulator.messages import Chunk, Usage
from simulator.operations.chat.choice import Choice, function
from simulator.operations.chat.identity import AnswerIdentity
from simulator.operations.chat.wire import encode
from simulator.wire import ids
from simulator.wire.sse import DONE, event

Members = dict[str, object]


def answer_id(model: Model, rng: random.Random) -> str:
    """xAI's are in the form of a UUID, the others' its digits alone."""
    made = ids.request(rng)
    return made if _is_xai(model) else made.replace("-", "")


def call_id(model: Model, rng: random.Random) -> str:
    """The id of a tool call; xAI's has eight digits."""
    return f"call_{rng.randrange(10**7, 10**8)}" if _is_xai(model) else ids.tool_call(rng)


def maker_body(identity: AnswerIdentity, choices: Sequence[Choice], usage: Usage) -> bytes:
    """A plain answer."""
    model = identity.model
    body: Members = {
        "id": identity.id,
        "model": model.wire_name,
        "choices": [_whole(model, index, choice) for index, choice in enumerate(choices)],
        "usage": _usage(model, usage),
        "created": identity.created,
        "object": "chat.completion",
        "prompt_filter_results": None,
    }
    return encode(body)


def _whole(model: Model, index: int, choice: Choice) -> Members:
    members: Members = {"index": index, "message": _message(choice)}
    if choice.logprobs is not None:
        members["logprobs"] = {"content": choice.logprobs, "refusal": None}
    members["finish_reason"] = choice.finish_reason
    return members if _is_xai(model) else {**members, "content_filter_results": {}}


def _message(choice: Choice) -> Members:
    calls = choice.draft.calls
    text = "" if calls else choice.draft.text
    if choice.tagged:
        text = "".join((*choice.tagged_thought, text))
    message: Members = {"role": "assistant", "content": text}
    if choice.thought and not choice.tagged:
        message["reasoning_content"] = "".join(choice.thought)
    if choice.ids:
        message["tool_calls"] = [
            {"id": id_, "index": at, "type": "function", "function": _function(choice, at)}
            for at, id_ in enumerate(choice.ids)
        ]
    elif calls:
        message["function_call"] = function(calls[0], calls[0].arguments)
    return message


def _function(choice: Choice, at: int) -> Members:
    call = choice.draft.calls[at]
    return {"name": call.tool.name, "arguments": call.arguments}


def _usage(model: Model, usage: Usage, *, streamed: bool = False) -> Members:
    members: Members = {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
    }
    if not streamed or not _is_xai(model):
        members["audio_prompt_tokens"] = 0
    if not _is_xai(model):
        return members
    prompt: Members = {
        "cached_tokens": usage.cached,
        "audio_tokens": usage.heard,
        "text_tokens": usage.prompt - usage.heard,
        "image_tokens": 0,
    }
    if streamed:
        order = ("text_tokens", "audio_tokens", "image_tokens", "cached_tokens")
        prompt = {name: prompt[name] for name in order}
    members |= {
        "prompt_tokens_details": prompt,
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": usage.audio,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
        "num_sources_used": 0,
    }
    return {**members, "cost_in_usd_ticks": 0} if streamed else members


class MakerEvents:
    """The events of one stream; the first of each choice names the role."""

    def __init__(self, identity: AnswerIdentity) -> None:
        self._xai = _is_xai(identity.model)
        self._model = identity.model
        self._head: Members = {
            "id": identity.id,
            "object": "chat.completion.chunk",
            "created": identity.created,
            "model": identity.model.wire_name,
        }
        self._end: Members = {"usage": None}
        if self._xai:
            self._end = {"system_fingerprint": _FINGERPRINT, "service_tier": identity.tier}
        self._named: set[int] = set()

    def delta(self, index: int, said: Members, logprobs: Raw | None = None) -> bytes:
        delta = dict(said)
        if index not in self._named:
            self._named.add(index)
            # xAI puts the role behind a text, and before calls.
            role: Members = {"role": "assistant"}
            delta = {**delta, **role} if "content" in delta else {**role, **delta}
        return self._event(index, delta, None, logprobs)

    def finish(self, index: int, reason: str) -> bytes:
        return self._event(index, {}, reason, None)

    def usage(self, usage: Usage) -> bytes:
        counted = _usage(self._model, usage, streamed=True)
        end = self._end if self._xai else {}
        return event(encode({**self._head, "choices": [], "usage": counted, **end}))

    def _event(self, index: int, delta: Members, reason: str | None, entry: Raw | None) -> bytes:
        logprobs = None if entry is None else {"content": [entry], "refusal": None}
        choice: Members = {"index": index, "delta": delta}
        if self._xai:
            choice |= {} if logprobs is None else {"logprobs": logprobs}
            choice |= {} if reason is None else {"finish_reason": reason}
        else:
            choice |= {"logprobs": logprobs, "finish_reason": reason, "matched_stop": None}
        return event(encode({**self._head, "choices": [choice], **self._end}))


def maker_chunks(
    events: MakerEvents, choices: Sequence[Choice], *, usage: Usage | None, tempo: Tempo
) -> Iterator[Chunk]:
    """Each choice's reasoning, text or calls, side by side, and its finish; usage, if requested; the
    end.
    """
    rows = (_row(index, choice) for index, choice in enumerate(choices))
    merged = heapq.merge(*rows, key=lambda row: row[0])
    said = (Chunk(events.delta(index, *what), tempo.at(unit)) for unit, index, what in merged)
    end = tempo.at(max([choice.draft.reasoning + choice.draft.tokens for choice in choices]))

    def tail() -> Iterator[Chunk]:
        for index, choice in enumerate(choices):
            yield Chunk(events.finish(index, choice.finish_reason), end)
        if usage is not None:
            yield Chunk(events.usage(usage), end)
        yield Chunk(DONE, end)

    return itertools.chain(said, tail())


_Said = tuple[Members, Raw | None]


def _row(index: int, choice: Choice) -> Iterator[tuple[int, int, _Said]]:
    """Yield for each event the unit of work with which it is due, its choice, and what it says."""
    draft = choice.draft
    name, thought = "reasoning_content", choice.thought
    if choice.tagged:
        name, thought = "content", choice.tagged_thought
    for unit, piece in enumerate(thought, 1):
        yield unit, index, ({name: piece}, None)
    if draft.calls:
        yield from _calls(index, choice)
        return
    for at, piece in enumerate(draft.pieces):
        if piece:
            entry = None if choice.logprobs is None else choice.logprobs[at]
            yield draft.reasoning + at + 1, index, ({"content": piece}, entry)


def _calls(index: int, choice: Choice) -> Iterator[tuple[int, int, _Said]]:
    """Each call in one event, as xAI was seen to send them."""
    done = choice.draft.reasoning + choice.draft.tokens
    for at, id_ in enumerate(choice.ids):
        call = {"id": id_, "function": _function(choice, at), "index": at, "type": "function"}
        yield done, index, ({"tool_calls": [call]}, None)
    if not choice.ids:
        called = choice.draft.calls[0]
        yield done, index, ({"function_call": function(called, called.arguments)}, None)


_FINGERPRINT = "fp_49c5j0a323"


def _is_xai(model: Model) -> bool:
    return model.maker == "xAI"
