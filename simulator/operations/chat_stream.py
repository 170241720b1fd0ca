"""The events of a streamed chat answer, in their order (recorded 2024 to 2026)."""

import heapq
from collections.abc import Iterator, Sequence

import msgspec

from simulator.latency import Tempo
from simulator.messages import Chunk, Usage
from simulator.operations.chat_wire import PROMPT_FILTER_EVENT, EventTemplate
from simulator.sse import DONE
from simulator.writer import Draft


def chat_chunks(
    template: EventTemplate,
    drafts: Sequence[Draft],
    logprobs: Sequence[list[dict[str, object]] | None],
    *,
    usage: Usage | None,
    tempo: Tempo,
) -> list[Chunk]:
    """The prompt's filter results; each choice's role, tokens and finish; usage, if asked for; the end.

    Choices are worked on side by side, so their tokens alternate.
    """
    units = max(draft.reasoning + draft.tokens for draft in drafts)
    start = tempo.at(min(units, 1 + min(draft.reasoning for draft in drafts)))
    end = tempo.at(units)
    chunks = [Chunk(PROMPT_FILTER_EVENT, start)]
    chunks += [Chunk(template.role(index), start) for index in range(len(drafts))]
    if len(drafts) == 1 and logprobs[0] is None:
        chunks += _single(template, drafts[0], tempo)
    else:
        chunks += _interleaved(template, drafts, logprobs, tempo)
    for index, draft in enumerate(drafts):
        chunks.append(Chunk(template.delta(index, "", reason=draft.finish_reason), end))
    if usage is not None:
        chunks.append(Chunk(template.usage(usage, _checkpoint(start, end, tempo)), end))
    chunks.append(Chunk(DONE, end))
    return chunks


def _single(template: EventTemplate, draft: Draft, tempo: Tempo) -> Iterator[Chunk]:
    events = template.contents(0).texts(_escaped(draft))
    first = draft.reasoning + 1
    return map(Chunk, events, map(tempo.at, range(first, first + len(events))))


def _escaped(draft: Draft) -> Sequence[str]:
    """The pieces as they stand between the quotes of a JSON string."""
    if not draft.escapable:
        return draft.pieces
    return [msgspec.json.encode(piece)[1:-1].decode() for piece in draft.pieces]


def _interleaved(
    template: EventTemplate,
    drafts: Sequence[Draft],
    logprobs: Sequence[list[dict[str, object]] | None],
    tempo: Tempo,
) -> Iterator[Chunk]:
    events = [template.contents(index).event for index in range(len(drafts))]
    rows = [
        [(draft.reasoning + at, index, at, piece) for at, piece in enumerate(_escaped(draft))]
        for index, draft in enumerate(drafts)
    ]
    for unit, index, at, piece in heapq.merge(*rows):
        entries = logprobs[index]
        entry = "null" if entries is None else _entry(entries[at])
        yield Chunk(events[index](f'"content":"{piece}"', entry), tempo.at(unit + 1))


def _entry(entry: dict[str, object]) -> str:
    return f'{{"content":[{msgspec.json.encode(entry).decode()}],"refusal":null}}'


def _checkpoint(start: float, end: float, tempo: Tempo) -> dict[str, int]:
    """Where the time went, in milliseconds: here all of it is the model's."""
    first, last, between = (round(moment * 1000) for moment in (start, end, tempo.between))
    return {
        "engine_tbt_ms": between,
        "engine_ttft_ms": first,
        "engine_ttlt_ms": last,
        "pre_inference_ms": 0,
        "service_tbt_ms": between,
        "service_ttft_ms": first,
        "service_ttlt_ms": last,
        "total_duration_ms": last,
        "user_visible_ttft_ms": first,
    }
