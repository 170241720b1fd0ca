"""The events of a streamed response, in their order, with members by alphabet (recorded 2026-08).

There is no `[DONE]`: no recorded stream has one, and Microsoft's description of the protocol says that
the last event, `response.completed` and its like, is the end.
"""

from collections.abc import Mapping, Sequence

import msgspec

from simulator.latency import Tempo
from simulator.messages import Chunk
from simulator.operations.responses.output import (
    CallOutput,
    HostedOutput,
    MessageOutput,
    Output,
    OwnedOutput,
    ReasoningOutput,
    ResponseOutput,
)
from simulator.operations.responses.wire import ResponseEnvelope, pending_body
from simulator.wire.obfuscation import Padding
from simulator.wire.sse import event

encode = msgspec.json.encode


def response_chunks(
    envelope: ResponseEnvelope,
    output: ResponseOutput,
    done: Mapping[str, object],
    *,
    tempo: Tempo,
    padding: Padding | None,
) -> tuple[Chunk, ...]:
    """All events up to the one with `done`, the finished body. The first ones leave at once."""
    stream = _Stream(tempo, padding)
    stream.begin(envelope)
    for index, item in enumerate(output.outputs):
        stream.output(index, item)
    stream.add(f"response.{done['status']}", {"response": done})
    return tuple(stream.chunks)


def begun_chunks(envelope: ResponseEnvelope, tempo: Tempo) -> tuple[Chunk, ...]:
    """The events before the first output."""
    stream = _Stream(tempo, None)
    stream.begin(envelope)
    return tuple(stream.chunks)


class _Stream:
    """Numbers the events, and dates each by the work that is done by then."""

    def __init__(self, tempo: Tempo, padding: Padding | None) -> None:
        self.chunks: list[Chunk] = []
        self._tempo = tempo
        self._padding = padding
        self._done: int = 0
        self._owner: Mapping[str, object] = {}
        """The member that names the agent of an item's events, where there are several."""

    def begin(self, envelope: ResponseEnvelope) -> None:
        begun = {"response": pending_body(envelope, "in_progress")}
        if not envelope.parameters.background:
            self.add("response.created", begun)
            self.add("response.in_progress", begun)
            return
        queued = {"response": pending_body(envelope, "queued")}
        self.add("response.created", queued)
        self.add("response.queued", queued)
        self.add("response.in_progress", begun, ahead=1)

    def add(self, name: str, members: Mapping[str, object], *, ahead: int = 0) -> None:
        """An event at the moment when all before it is done, and `ahead` tokens more."""
        numbered = {**members, **self._owner, "sequence_number": len(self.chunks)}
        sorted_members = sorted(numbered.items())
        data = {"type": name, **dict(sorted_members)}
        self.chunks.append(Chunk(event(encode(data), name), self._tempo.at(self._done + ahead)))

    def output(self, index: int, item: Output | OwnedOutput) -> None:
        if isinstance(item, OwnedOutput):
            self._owner = item.owner
            self._output(index, item.output)
            self._owner = {}
        else:
            self._output(index, item)

    def _output(self, index: int, output: Output) -> None:
        item = {"output_index": index, "item": {**output.members(begun=True), **self._owner}}
        # It is there as soon as its first token is.
        self.add("response.output_item.added", item, ahead=1)
        if isinstance(output, MessageOutput):
            self._message(index, output)
        elif isinstance(output, CallOutput):
            self._call(index, output)
        elif isinstance(output, ReasoningOutput):
            self._reasoning(index, output)
        elif isinstance(output, HostedOutput):
            self._done += output.tokens
        done = {**output.members(), **self._owner}
        self.add("response.output_item.done", {"output_index": index, "item": done})

    def _message(self, index: int, message: MessageOutput) -> None:
        place = {"item_id": message.id, "output_index": index, "content_index": 0}
        empty = {**place, "part": message.part(begun=True)}
        self.add("response.content_part.added", empty, ahead=1)
        texts = _escaped(message.pieces) if message.escapable else message.pieces
        besides = [f'"logprobs":{encode([entry]).decode()},' for entry in message.logprobs]
        form = self._form("response.output_text.delta", place)
        self._deltas(form, texts, besides or ['"logprobs":[],'] * len(texts))
        self.add(
            "response.output_text.done",
            {**place, "text": message.text, "logprobs": message.logprobs},
        )
        self.add("response.content_part.done", {**place, "part": message.part()})

    def _call(self, index: int, call: CallOutput) -> None:
        place = {"item_id": call.id, "output_index": index}
        self._done += call.tokens - len(call.pieces)
        kind, member = ("function_call_arguments", "arguments")
        if call.custom:
            kind, member = ("custom_tool_call_input", "input")
        form = self._form(f"response.{kind}.delta", place)
        self._deltas(form, _escaped(call.pieces), [""] * len(call.pieces))
        self.add(f"response.{kind}.done", {**place, member: call.arguments})

    def _reasoning(self, index: int, reasoning: ReasoningOutput) -> None:
        """The summary is streamed while the model thinks, at an even pace."""
        start = self._done
        if reasoning.pieces:
            place = {"item_id": reasoning.id, "output_index": index, "summary_index": 0}
            empty = {"type": "summary_text", "text": ""}
            self.add("response.reasoning_summary_part.added", {**place, "part": empty}, ahead=1)
            pieces = reasoning.pieces
            form = self._form("response.reasoning_summary_text.delta", place)
            for at, text in enumerate(_escaped(pieces), 1):
                self._done = start + max(1, reasoning.tokens * at // len(pieces))
                delta = form.event(len(self.chunks), text)
                self.chunks.append(Chunk(delta, self._tempo.at(self._done)))
            self._done = start + reasoning.tokens
            part = reasoning.summary[0]
            self.add("response.reasoning_summary_text.done", {**place, "text": part["text"]})
            self.add("response.reasoning_summary_part.done", {**place, "part": part})
        self._done = start + reasoning.tokens

    def _form(self, name: str, place: Mapping[str, object]) -> "_DeltaForm":
        return _DeltaForm(name, {**place, **self._owner}, self._padding)

    def _deltas(self, form: "_DeltaForm", texts: Sequence[str], besides: Sequence[str]) -> None:
        """The events that come by the hundred, one for each piece: its JSON and what stands beside."""
        numbers = range(len(self.chunks), len(self.chunks) + len(texts))
        events = map(form.event, numbers, texts, besides)
        first = self._done + 1
        self._done += len(texts)
        self.chunks += map(Chunk, events, map(self._tempo.at, range(first, self._done + 1)))


class _DeltaForm:
    """The parts of a delta's event that stay the same from piece to piece."""

    def __init__(self, name: str, place: Mapping[str, object], padding: Padding | None) -> None:
        parts = {member: encode(value).decode() for member, value in place.items()}
        content = f'"content_index":{parts["content_index"]},' if "content_index" in parts else ""
        summary = f',"summary_index":{parts["summary_index"]}' if "summary_index" in parts else ""
        agent = f'"agent":{parts["agent"]},' if "agent" in parts else ""
        self._head = f'event: {name}\ndata: {{"type":"{name}",{agent}{content}"delta":"'
        self._item = f'","item_id":{parts["item_id"]},'
        self._tail = f'"output_index":{parts["output_index"]},"sequence_number":'
        self._end = f"{summary}}}\n\n"
        self._padding = padding

    def event(self, number: int, text: str, beside: str = "") -> bytes:
        """The event of a text as it stands in JSON; `beside` is the member after its item's id."""
        padding = self._padding
        padded = "" if padding is None else f'"obfuscation":"{padding.beside(len(text))}",'
        return (
            f"{self._head}{text}{self._item}{beside}{padded}{self._tail}{number}{self._end}"
        ).encode()


def _escaped(pieces: Sequence[str]) -> list[str]:
    """The pieces as they stand between the quotes of a JSON string."""
    return [encode(piece)[1:-1].decode() for piece in pieces]
