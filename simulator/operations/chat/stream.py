"""The events of a streamed chat answer, in their order (recorded 2024 to 2026)."""

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Raw

from simulator.json_layout import without_angles
from simulator.latency import AT_ONCE, Tempo
from simulator.messages import MANY, Chunk, Usage, chunks_of
from simulator.operations.chat.choice import Choice, function
from simulator.operations.chat.text_body import whole_stream
from simulator.operations.chat.wire import EventTemplate, encode
from simulator.synthesis.drafts import Draft
from simulator.wire.packed_chunks import FEWEST, PackedChunks
from simulator.wire.sse import DONE


def chat_chunks(
    template: EventTemplate,
    choices: Sequence[Choice],
    *,
    usage: Usage | None,
    tempo: Tempo,
    together: bool = False,
) -> tuple[Chunk, ...] | Iterator[Chunk]:
    """The prompt's filter results; each choice's role, tokens and finish; usage, if requested; the
    end.

    Choices are worked on side by side, so their tokens alternate. If events may go `together`, a chunk
    has those of many tokens that are due at one moment.
    """
    if len(choices) == 1 and choices[0].is_plain and len(choices[0].draft.pieces) <= MANY:
        draft = choices[0].draft
        if tempo.between and len(draft.pieces) >= FEWEST:
            return _packed(template, choices[0], usage, tempo)
        if together and not tempo.between:
            end = tempo.at(draft.reasoning + draft.tokens)
            return (Chunk(_whole(template, choices[0], usage, tempo), end),)
    drafts = [choice.draft for choice in choices]
    start = _moments(drafts, tempo)[0]
    tokens = _tokens(template, choices, tempo, together=together)
    head = [Chunk(template.prompt_filter(), start)]
    if not drafts[0].calls:
        head += [Chunk(template.role(index), start) for index in range(len(drafts))]
    return itertools.chain(head, tokens, _tail(template, choices, usage, tempo))


def _tail(
    template: EventTemplate, choices: Sequence[Choice], usage: Usage | None, tempo: Tempo
) -> Iterator[Chunk]:
    drafts = [choice.draft for choice in choices]
    end = tempo.at(work_done(drafts))
    for index, choice in enumerate(choices):
        yield Chunk(template.finish(index, choice.finish_reason), end)
    if usage is not None:
        yield Chunk(template.usage(usage, checkpoint_of(drafts, tempo)), end)
    yield Chunk(DONE, end)


def _tokens(
    template: EventTemplate, choices: Sequence[Choice], tempo: Tempo, *, together: bool
) -> Iterable[Chunk]:
    if choices[0].draft.calls:
        return _calls(template, choices, tempo)
    if any(choice.spoken is not None for choice in choices):
        return _spoken(template, choices, tempo)
    if len(choices) == 1 and choices[0].is_plain:
        together = together and not tempo.between
        return _single(template, choices[0].draft, tempo, together=together)
    return _interleaved(template, choices, tempo)


def _whole(template: EventTemplate, choice: Choice, usage: Usage | None, tempo: Tempo) -> bytes:
    """All events of a stream of one text, none of which comes later than another."""
    draft = choice.draft
    pieces = _escaped(draft)
    shown = list(filter(None, pieces)) if draft.escapable else pieces
    last = DONE
    if usage is not None:
        last = template.usage(usage, checkpoint_of([draft], tempo)) + DONE
    if not shown:
        finish = template.finish(0, choice.finish_reason)
        return template.prompt_filter() + template.role(0) + finish + last
    return whole_stream(template, shown, choice.finish_reason, last)


def _packed(
    template: EventTemplate, choice: Choice, usage: Usage | None, tempo: Tempo
) -> PackedChunks:
    """The events of one text, each of which has its own moment."""
    draft, contents = choice.draft, template.contents(0)
    before, start = (template.prompt_filter(), template.role(0)), _moments([draft], tempo)[0]
    pieces = _escaped(draft)
    rests: Iterable[bytes] = contents.rests(pieces)
    moments: Iterable[float] = tempo.moments(draft.reasoning + 1, len(pieces))
    if draft.escapable:  # see `_single`
        rests, moments = itertools.compress(rests, pieces), itertools.compress(moments, pieces)
    ends = list(_tail(template, [choice], usage, tempo))
    return PackedChunks(
        [*before, *rests, *(chunk.data for chunk in ends)],
        contents.frame(),
        [start, start, *moments, *(chunk.due for chunk in ends)],
    )


def _spoken(template: EventTemplate, choices: Sequence[Choice], tempo: Tempo) -> Iterator[Chunk]:
    """For each choice its transcript token by token, then its sound."""
    for index, choice in enumerate(choices):
        spoken, delta = choice.spoken, template.plain(index).event
        if spoken is None:
            continue
        for unit, piece in enumerate(choice.draft.pieces, 1):
            if piece:
                yield Chunk(delta(spoken.text(piece)), tempo.at(unit))
        end = tempo.at(choice.draft.tokens)
        yield from (Chunk(delta(part), end) for part in spoken.deltas())


def _calls(template: EventTemplate, choices: Sequence[Choice], tempo: Tempo) -> list[Chunk]:
    """The calls of all choices; which tools are called depends on the request, so all of them
    call.
    """
    streams = (_call_chunks(template, index, choice, tempo) for index, choice in enumerate(choices))
    return sorted(itertools.chain.from_iterable(streams), key=lambda chunk: chunk.due)


def _call_chunks(
    template: EventTemplate, index: int, choice: Choice, tempo: Tempo
) -> Iterator[Chunk]:
    """One call: the first event has the role and the head of the call. Several: the role comes alone,
    then each call in turn. After the head, the arguments come token by token."""
    delta = template.plain(index).event
    done = choice.draft.reasoning
    start = tempo.at(done + 1)
    alone = len(choice.draft.calls) == 1
    if not alone:
        yield Chunk(delta('"content":null,"refusal":null,"role":"assistant"'), start)
    for position, call in enumerate(choice.draft.calls):
        yield Chunk(delta(_head(choice, position, with_role=alone)), tempo.at(done + 1))
        done += call.tokens - len(call.pieces)
        for piece in call.pieces:
            done += 1
            if piece:
                yield Chunk(delta(_piece(choice, position, piece)), tempo.at(done))


def _head(choice: Choice, position: int, *, with_role: bool) -> str:
    call = choice.draft.calls[position]
    if not choice.ids:
        member = f'"function_call":{_json(function(call, ""))}'
        return f'"content":null,{member},"refusal":null,"role":"assistant"'
    members = {
        "function": function(call, ""),
        "id": choice.ids[position],
        "index": position,
        "type": "function",
    }
    role = '"content":null,"refusal":null,"role":"assistant",' if with_role else ""
    return f'{role}"tool_calls":[{_json(members)}]'


def _piece(choice: Choice, position: int, piece: str) -> str:
    arguments = {"arguments": piece}
    if not choice.ids:
        return f'"function_call":{_json(arguments)}'
    return f'"tool_calls":[{_json({"function": arguments, "index": position})}]'


def _json(value: Mapping[str, object]) -> str:
    return encode(value).decode()


def _single(
    template: EventTemplate, draft: Draft, tempo: Tempo, *, together: bool
) -> Iterator[Chunk]:
    pieces = _escaped(draft)
    contents = template.contents(0)
    if together:
        shown = list(filter(None, pieces)) if draft.escapable else pieces
        return (Chunk(contents.joined(part), tempo.first) for part in _parts(shown))
    events = itertools.chain.from_iterable(map(contents.texts, _parts(pieces)))
    chunks = chunks_of(events, tempo.moments(draft.reasoning + 1, len(pieces)))
    # The beginning of a character that the next token completes is an empty piece.
    return itertools.compress(chunks, pieces) if draft.escapable else chunks


def _parts(pieces: Sequence[str]) -> Iterator[Sequence[str]]:
    return (pieces[at : at + MANY] for at in range(0, len(pieces), MANY))


def _escaped(draft: Draft) -> Sequence[str]:
    """The pieces as they stand between the quotes of a JSON string."""
    if not draft.escapable:
        return draft.pieces
    return [encode(piece)[1:-1].decode() for piece in draft.pieces]


def _interleaved(
    template: EventTemplate, choices: Sequence[Choice], tempo: Tempo
) -> Iterator[Chunk]:
    events = [template.contents(index).event for index in range(len(choices))]
    for unit, index, at, piece in heapq.merge(*itertools.starmap(_row, enumerate(choices))):
        entries = choices[index].logprobs
        entry = "null" if entries is None else _entry(entries[at])
        yield Chunk(events[index](f'"content":"{piece}"', entry), tempo.at(unit + 1))


def _row(index: int, choice: Choice) -> Iterator[tuple[int, int, int, str]]:
    """Yield for each piece the unit of work before it, its choice, its place in it, and itself."""
    for at, piece in enumerate(_escaped(choice.draft)):
        if piece:
            yield choice.draft.reasoning + at, index, at, piece


def _entry(entry: Raw) -> str:
    return f'{{"content":[{without_angles(bytes(entry)).decode()}],"refusal":null}}'


def _moments(drafts: Sequence[Draft], tempo: Tempo) -> tuple[float, float]:
    """When the first token of any choice is due, and when all is done."""
    units = work_done(drafts)
    first = min(units, 1 + min([draft.reasoning for draft in drafts]))
    return tempo.at(first), tempo.at(units)


def work_done(drafts: Sequence[Draft]) -> int:
    """The units of work by which all drafts are done: they are worked on side by side."""
    return max([draft.reasoning + draft.tokens for draft in drafts])


def checkpoint_of(drafts: Sequence[Draft], tempo: Tempo) -> str:
    """The times of the engine as JSON, in milliseconds: here all of it is the model's."""
    if tempo == AT_ONCE:
        return _NO_TIME
    start, end = _moments(drafts, tempo)
    return _checkpoint(round(start * 1000), round(end * 1000), round(tempo.between * 1000))


def _checkpoint(first: int, last: int, between: int) -> str:
    return _json(
        {
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
    )


_NO_TIME = _checkpoint(0, 0, 0)
