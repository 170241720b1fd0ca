"""The bytes of completions answers: keys in the order of a recording of 2023, not sorted.

Streams follow the OpenAPI document and those of chat; their finish is as recorded in 2025-03.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import msgspec

from simulator.latency import Tempo
from simulator.messages import Chunk, Usage
from simulator.synthesis.drafts import Draft
from simulator.synthesis.logprobs import ranked
from simulator.wire.content_filter import TEXT_RESULTS, text_prompt_filter_results
from simulator.wire.sse import DONE, event

encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class CompletionIdentity:
    """The members that every part of one answer shares; `prompts` is the number of prompts."""

    id: str
    created: int
    model: str
    prompts: int

    def members(self) -> dict[str, object]:
        return {
            "id": self.id,
            "object": "text_completion",
            "created": self.created,
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class Text:
    """One choice: what was written, behind the prompt if it is echoed."""

    echoed: str
    draft: Draft


def answer_body(
    identity: CompletionIdentity,
    texts: Sequence[Text],
    logprobs: int | None,
    rng: random.Random,
    usage: Usage,
) -> bytes:
    choices = [
        {
            "text": text.echoed + text.draft.text,
            "index": index,
            "finish_reason": text.draft.finish_reason,
            "logprobs": _logprobs(text.draft.pieces, logprobs, len(text.echoed), rng),
            "content_filter_results": TEXT_RESULTS,
        }
        for index, text in enumerate(texts)
    ]
    body: dict[str, object] = {
        **identity.members(),
        "prompt_filter_results": text_prompt_filter_results(identity.prompts),
        "choices": choices,
        "usage": _usage(usage),
    }
    return encode(body) + b"\n"


def chunks_of(
    identity: CompletionIdentity,
    texts: Sequence[Text],
    logprobs: int | None,
    rng: random.Random,
    usage: Usage | None,
    tempo: Tempo,
) -> Iterator[Chunk]:
    """The prompts' filter results, an event for each token, each choice's finish, usage, the end."""
    head = {"id": "", "object": "", "created": 0, "model": ""}
    filtered: dict[str, object] = {
        "prompt_filter_results": text_prompt_filter_results(identity.prompts),
        "choices": [],
    }
    yield Chunk(event(encode({**head, **filtered})), tempo.at(1))
    for position, row in enumerate(zip_longest(*(text.draft.pieces for text in texts)), 1):
        for index, piece in enumerate(row):
            if piece is not None:
                echoed = texts[index].echoed if position == 1 else ""
                entry = _logprobs([piece], logprobs, len(echoed), rng)
                choice = _choice(echoed + piece, index, None, entry)
                yield Chunk(event(_event_body(identity, [choice])), tempo.at(position))
    end = tempo.at(max(text.draft.tokens for text in texts))
    for index, text in enumerate(texts):
        choice = _choice("", index, text.draft.finish_reason, None)
        yield Chunk(event(_event_body(identity, [choice])), end)
    if usage is not None:
        body: dict[str, object] = {**identity.members(), "choices": [], "usage": _usage(usage)}
        yield Chunk(event(encode(body)), end)
    yield Chunk(DONE, end)


def _event_body(identity: CompletionIdentity, choices: list[dict[str, object]]) -> bytes:
    return encode({**identity.members(), "choices": choices})


def _choice(
    text: str, index: int, finish_reason: str | None, logprobs: dict[str, object] | None
) -> dict[str, object]:
    return {
        "text": text,
        "index": index,
        "finish_reason": finish_reason,
        "logprobs": logprobs,
        "content_filter_results": TEXT_RESULTS if finish_reason is None else {},
    }


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.total,
    }


def _logprobs(
    pieces: Sequence[str], top: int | None, offset: int, rng: random.Random
) -> dict[str, object] | None:
    """The log probabilities of the written tokens, in the four lists of this API; None: not
    requested.

    The written token always stands among the likeliest ones (OpenAPI document 2024-10-21).
    """
    if top is None:
        return None
    offsets: list[int] = []
    chosen: list[float] = []
    likeliest: list[dict[str, float]] = []
    for piece in pieces:
        tokens = list(ranked(piece, max(top, 1), rng))
        offsets.append(offset)
        chosen.append(tokens[0][1])
        likeliest.append(dict(tokens))
        offset += len(piece)
    return {
        "tokens": list(pieces),
        "token_logprobs": chosen,
        "top_logprobs": likeliest,
        "text_offset": offsets,
    }
