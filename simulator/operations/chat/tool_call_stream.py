"""The events of the tool calls in a streamed chat answer (recorded 2025 and 2026)."""

from collections.abc import Iterator, Mapping

from simulator.latency import Tempo
from simulator.messages import Chunk
from simulator.operations.chat.choice import Choice, function
from simulator.operations.chat.wire import EventTemplate, encode


def call_chunks(
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
