"""The bytes of completions answers: keys in the order of a recording of 2023, not sorted.

Streams follow the OpenAPI document and those of chat; their finish is as recorded in 2025-03.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest

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
    """One choice: what was written, behind the tokens of the prompt (or all of it) if it is echoed."""

    echoed: Sequence[str]
    draft: Draft

    @property
    def text(self) -> str:
        return "".join(self.echoed) + self.draft.text

    @property
    def pieces(self) -> Sequence[str]:
        """Its tokens, those of the echoed prompt included."""
        return [*self.echoed, *self.draft.pieces]

    def events(self) -> Iterator[Sequence[str]]:
        """Yield the pieces of each event of a stream; the prompt comes with the first token."""
        written = self.draft.pieces
        if self.echoed:
            yield [*self.echoed, *written[:1]]
            written = written[1:]
        for piece in written:
            yield [piece]


def answer_body(
    identity: CompletionIdentity,
    texts: Sequence[Text],
    logprobs: int | None,
    rng: random.Random,
    usage: Usage,
) -> bytes:
    choices = [
        {
            "text": text.text,
            "index": index,
            "finish_reason": text.draft.finish_reason,
            "logprobs": _logprobs(text.pieces, logprobs, rng, begins=bool(text.echoed)),
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
    yield from _written(identity, texts, logprobs, rng, tempo)
    end = tempo.at(max(text.draft.tokens for text in texts))
    for index, text in enumerate(texts):
        choice = _choice("", index, text.draft.finish_reason, None)
        yield Chunk(event(_event_body(identity, [choice])), end)
    if usage is not None:
        body: dict[str, object] = {**identity.members(), "choices": [], "usage": _usage(usage)}
        yield Chunk(event(encode(body)), end)
    yield Chunk(DONE, end)


def _written(
    identity: CompletionIdentity,
    texts: Sequence[Text],
    logprobs: int | None,
    rng: random.Random,
    tempo: Tempo,
) -> Iterator[Chunk]:
    offsets = [0] * len(texts)
    for position, row in enumerate(zip_longest(*(text.events() for text in texts)), 1):
        for index, pieces in enumerate(row):
            if pieces is not None:
                offset, begins = offsets[index], position == 1 and bool(texts[index].echoed)
                entry = _logprobs(pieces, logprobs, rng, offset, begins=begins)
                written = "".join(pieces)
                choice = _choice(written, index, None, entry)
                offsets[index] += len(written)
                yield Chunk(event(_event_body(identity, [choice])), tempo.at(position))


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
    pieces: Sequence[str],
    top: int | None,
    rng: random.Random,
    offset: int = 0,
    *,
    begins: bool = False,
) -> dict[str, object] | None:
    """The log probabilities of tokens, in the four lists of this API; None: not requested.

    The token itself always stands among the likeliest ones (OpenAPI document 2024-10-21). Nothing stands
    before the first token of an echoed prompt, so it has none: `begins`.
    """
    if top is None:
        return None
    likeliest = [dict(ranked(piece, max(top, 1), rng)) for piece in pieces]
    first = [None] if begins else []
    known = likeliest[len(first) :]
    return {
        "tokens": pieces,
        "token_logprobs": [*first, *(next(iter(tokens.values())) for tokens in known)],
        "top_logprobs": [*first, *known],
        "text_offset": list(accumulate(map(len, pieces[:-1]), initial=offset)) if pieces else [],
    }
