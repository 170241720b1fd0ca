"""Streams of chat and completions: choices that are cut or annotated as they come."""

from collections.abc import Iterator
from typing import cast

from msgspec import Struct

from simulator.content_filter.choices import annotate, note_prompt
from simulator.content_filter.course import Dues, Queue, Waiting, read_event, written
from simulator.content_filter.screening import Screening
from simulator.content_filter.slots import Json, choice_slots, joined, objects, trim
from simulator.content_filter.tally import Tally
from simulator.content_filter.usage import reduce_usage
from simulator.content_filter.watch import Hit, Watch
from simulator.messages import Chunk


class ChoiceText(Struct):
    """One choice so far; it is `ended` when its finish has left."""

    watch: Watch
    ended: bool = False
    checked: int = 0


class ChoiceStream:
    """The filter of a stream: what may be part of a word that is looked for waits for the rest."""

    holds = True

    def __init__(self, screening: Screening) -> None:
        self.tally = Tally()
        self.screening = screening
        self.dues = Dues()
        self._texts: dict[int, ChoiceText] = {}
        self._queue = Queue()

    def feed(self, chunk: Chunk) -> Iterator[Chunk]:
        body = read_event(chunk.data)
        waiting = Waiting(chunk, body)
        choices = objects(body.get("choices")) if body else []
        if len(choices) == 1:
            text = joined(choice_slots(choices[0]))
            state = self._state(choices[0])
            waiting.start, waiting.end = state.watch.length, state.watch.length + len(text)
            state.watch.feed(text, final=choices[0].get("finish_reason") is not None)
        self._queue.append(waiting)
        return self._released(final=False)

    def end(self) -> Iterator[Chunk]:
        for state in self._texts.values():
            state.watch.feed("", final=True)
        return self._released(final=True)

    def _state(self, choice: Json) -> ChoiceText:
        index = choice.get("index")
        number = index if isinstance(index, int) else 0
        return self._texts.setdefault(number, ChoiceText(Watch(self.screening)))

    def _released(self, *, final: bool) -> Iterator[Chunk]:
        while self._queue:
            waiting = self._queue[0]
            choices = objects(waiting.body.get("choices")) if waiting.body else []
            if len(choices) != 1:
                self._queue.popleft()
                yield self._beside(waiting)
                continue
            state = self._state(choices[0])
            watch = state.watch
            if self.holds and not final and watch.hit is None and waiting.end > watch.safe:
                return
            self._queue.popleft()
            yield from self.sent(waiting, choices[0], state)

    def _beside(self, waiting: Waiting) -> Chunk:
        """Pass on an event without a choice: the prompt's results, usage, the end."""
        body, notes = waiting.body, self.screening.prompt_notes
        if body is None:
            return self.dues.of_rest(waiting.chunk)
        if notes and "prompt_filter_results" in body:
            note_prompt(body, notes)
            return self.dues.of_rest(waiting.chunk, written(body))
        if self.tally.removed and body.get("usage"):
            reduce_usage(body, self.tally.removed)
            return self.dues.of_rest(waiting.chunk, written(body))
        return self.dues.of_rest(waiting.chunk)

    def sent(self, waiting: Waiting, choice: Json, state: ChoiceText) -> Iterator[Chunk]:
        """The chunks that leave for an event of a choice."""
        hit = state.watch.hit
        finishes = choice.get("finish_reason") is not None
        if state.ended:
            self.remove(joined(choice_slots(choice)))
        elif hit is not None and (waiting.end > hit.offset or finishes):
            yield from self._cut(waiting, choice, state, hit)
        else:
            state.ended = finishes
            yield self.dues.of_text(waiting.chunk, self._annotated(waiting, choice, state))

    def remove(self, text: str) -> None:
        if text:
            self.tally.removed += len(self.screening.split(text))

    def _annotated(self, waiting: Waiting, choice: Json, state: ChoiceText) -> bytes | None:
        notes = (*self.screening.completion_notes, *state.watch.notes)
        if not notes or waiting.start == waiting.end:
            return None
        annotate(choice, notes)
        return written(cast("Json", waiting.body))

    def _cut(self, waiting: Waiting, choice: Json, state: ChoiceText, hit: Hit) -> Iterator[Chunk]:
        slots = choice_slots(choice)
        kept = max(0, hit.offset - waiting.start)
        self.remove(joined(slots)[kept:])
        self.tally.add(hit.findings)
        self.dues.cut = state.ended = True
        if kept and waiting.start != waiting.end:
            trim(slots, kept)
            annotate(choice, (*self.screening.completion_notes, *state.watch.notes))
            yield self.dues.of_text(waiting.chunk, written(cast("Json", waiting.body)))
        yield self.dues.of_text(waiting.chunk, self._finish(waiting, choice, state, hit))

    def _finish(self, waiting: Waiting, choice: Json, state: ChoiceText, hit: Hit) -> bytes:
        if "delta" in choice:
            choice["delta"] = {}
        else:
            choice["text"] = ""
        choice |= {"finish_reason": "content_filter", "logprobs": None}
        annotate(choice, (*self.screening.completion_notes, *state.watch.notes, *hit.findings))
        return written(cast("Json", waiting.body))
