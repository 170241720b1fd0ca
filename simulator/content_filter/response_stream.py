"""Streams of responses: texts that are cut as they come, and the events that close them."""

from collections.abc import Iterator

from simulator.content_filter.course import Dues, Queue, Waiting, read_event, written
from simulator.content_filter.responses import Verdict, close_response, cut_item, cut_part
from simulator.content_filter.screening import Screening
from simulator.content_filter.slots import Json, Slot, item_slots
from simulator.content_filter.tally import Tally
from simulator.content_filter.watch import Hit, Watch
from simulator.messages import Chunk

_DELTAS = (
    "response.output_text.delta",
    "response.function_call_arguments.delta",
    "response.custom_tool_call_input.delta",
)
_TEXTS = {
    "response.output_text.done": "text",
    "response.function_call_arguments.done": "arguments",
    "response.custom_tool_call_input.done": "input",
}
_FINAL = ("response.completed", "response.incomplete")


class ResponseStream:
    """The filter of a stream: a text that may be part of a word that is looked for waits for the rest.

    Events behind a cut are left out, and the others are numbered anew."""

    def __init__(self, screening: Screening) -> None:
        self.tally = Tally()
        self._screening = screening
        self._watch = Watch(screening)
        self._dues = Dues()
        self._queue = Queue()
        self._starts: dict[object, int] = {}
        self._left_out = 0

    def feed(self, chunk: Chunk) -> Iterator[Chunk]:
        body = read_event(chunk.data)
        waiting = Waiting(chunk, body, self._watch.length, self._watch.length)
        if body is not None:
            self._read(waiting, body)
        self._queue.append(waiting)
        return self._released()

    def end(self) -> Iterator[Chunk]:
        self._watch.feed("", final=True)
        return self._released()

    def _read(self, waiting: Waiting, body: Json) -> None:
        kind, index = body.get("type"), body.get("output_index")
        if index is not None:
            self._starts.setdefault(index, self._watch.length)
        if kind in _DELTAS:
            text = body.get("delta")
            self._watch.feed(text if isinstance(text, str) else "")
            waiting.end = self._watch.length
        elif kind in _TEXTS or kind in _FINAL:
            self._watch.feed("", final=True)

    def _released(self) -> Iterator[Chunk]:
        while self._queue:
            waiting, watch = self._queue[0], self._watch
            if watch.hit is None and waiting.end > watch.safe:
                return
            self._queue.popleft()
            if waiting.body is None:
                yield self._dues.of_rest(waiting.chunk)
                continue
            yield from self._sent(waiting, waiting.body)

    def _sent(self, waiting: Waiting, body: Json) -> Iterator[Chunk]:
        hit = self._watch.hit
        if body.get("type") in _FINAL:
            yield self._last(waiting, body)
        elif hit is None or (waiting.end <= hit.offset and not self._behind(body, hit)):
            yield self._numbered(waiting, body, changed=hit is not None and self._closed(body, hit))
        elif not self._left(waiting, body, hit):
            self._left_out += 1
        else:
            yield self._numbered(waiting, body, changed=True)

    def _behind(self, body: Json, hit: Hit) -> bool:
        """Return True for what belongs to an item that begins behind the cut."""
        start = self._starts.get(body.get("output_index"))
        return start is not None and start > hit.offset

    def _left(self, waiting: Waiting, body: Json, hit: Hit) -> bool:
        """Change what is cut; return False for what does not leave at all."""
        self._dues.cut = True
        if body.get("type") not in _DELTAS:
            if self._behind(body, hit):
                return False
            self._closed(body, hit)
            return True
        kept = max(0, hit.offset - waiting.start)
        text = str(body["delta"])
        self.tally.removed += len(self._screening.split(text[kept:]))
        body["delta"] = text[:kept]
        return kept > 0

    def _closed(self, body: Json, hit: Hit) -> bool:
        """Cut the texts of an event that closes an item or a part of it."""
        start = self._starts.get(body.get("output_index"), 0)
        kept = hit.offset - start
        name = _TEXTS.get(str(body.get("type")))
        if name is not None and len(str(body.get(name))) > kept:
            body[name] = str(body[name])[:kept]
            cut_part(body, kept)
            return True
        part, item = body.get("part"), body.get("item")
        if isinstance(part, dict) and len(str(part.get("text", ""))) > kept:  # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType] JSON
            cut_item({}, [Slot(part, "text")], kept)  # pyright: ignore[reportUnknownArgumentType] JSON
            return True
        if isinstance(item, dict):
            slots = item_slots(item)  # pyright: ignore[reportUnknownArgumentType] JSON
            if sum(len(slot.text) for slot in slots) > kept:
                cut_item(item, slots, kept)  # pyright: ignore[reportUnknownArgumentType] JSON
                return True
        return False

    def _last(self, waiting: Waiting, body: Json) -> Chunk:
        hit = self._watch.hit
        if hit is not None:
            self._dues.cut = True
            self.tally.add(hit.findings)
            body["type"] = "response.incomplete"
        response = body.get("response")
        if isinstance(response, dict):
            verdict = Verdict(hit, self._watch.notes)
            close_response(response, self._screening, verdict, self.tally)  # pyright: ignore[reportUnknownArgumentType] JSON
        return self._numbered(waiting, body, changed=True)

    def _numbered(self, waiting: Waiting, body: Json, *, changed: bool) -> Chunk:
        number = body.get("sequence_number")
        if self._left_out and isinstance(number, int):
            body["sequence_number"] = number - self._left_out
        due = self._dues.of_text if not self._dues.cut else self._dues.of_rest
        if not changed and not self._left_out:
            return due(waiting.chunk)
        return due(waiting.chunk, written(body, str(body.get("type"))))
