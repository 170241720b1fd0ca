"""Streams under the asynchronous filter: tokens leave at once, and annotations follow them.

The annotations have no `delta` (Microsoft's page on content streaming, 2026-01).
"""

from collections.abc import Iterator
from typing import cast

from simulator.content_filter.choice_stream import ChoiceStream, ChoiceText
from simulator.content_filter.course import Waiting, written
from simulator.content_filter.findings import Findings, harmless_results, with_findings
from simulator.content_filter.slots import Json, choice_slots, joined
from simulator.messages import Chunk

PERIOD = 200
"""Characters from one check of the filter to the next; a block shows within 1,000 (Microsoft's page)."""


class AsyncChoiceStream(ChoiceStream):
    """An answer that is cut goes on until the filter checks it next."""

    holds = False

    def sent(self, waiting: Waiting, choice: Json, state: ChoiceText) -> Iterator[Chunk]:
        if state.ended:
            self.remove(joined(choice_slots(choice)))
            return
        finishes = choice.get("finish_reason") is not None
        if finishes and state.watch.hit is not None:
            yield self._annotation(waiting, choice, state)
            return
        body = cast("Json", waiting.body)
        bare = {name: value for name, value in choice.items() if name != "content_filter_results"}
        yield self.dues.of_text(waiting.chunk, written({**body, "choices": [bare]}))
        if finishes or state.watch.length - state.checked >= PERIOD:
            yield self._annotation(waiting, choice, state)
        state.ended = state.ended or finishes

    def _annotation(self, waiting: Waiting, choice: Json, state: ChoiceText) -> Chunk:
        """An annotation of the text so far, which ends it if it is filtered."""
        hit, base = state.watch.hit, self.screening.prompt_characters
        findings: Findings = (*self.screening.completion_notes, *state.watch.notes)
        if hit is not None:
            findings = (*findings, *hit.findings)
            self.tally.add(hit.findings)
            self.dues.cut = state.ended = True
        annotation: Json = {
            "index": choice.get("index", 0),
            "finish_reason": "content_filter" if hit else None,
            "content_filter_results": with_findings(harmless_results(), findings, "completion"),
            "content_filter_offsets": {
                "check_offset": base + state.checked,
                "start_offset": base,
                "end_offset": base + state.watch.length,
            },
        }
        state.checked = state.watch.length
        head: Json = {"id": "", "object": "", "created": 0, "model": ""}
        return self.dues.of_text(
            waiting.chunk, written({**head, "choices": [annotation], "usage": None})
        )
