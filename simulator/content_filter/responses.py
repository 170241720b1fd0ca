"""Bodies of responses that are cut or annotated."""

from typing import Any

from msgspec import Struct

from simulator.content_filter.findings import (
    Findings,
    harmless_results,
    prompt_results,
    with_findings,
)
from simulator.content_filter.screening import Screening
from simulator.content_filter.slots import (
    Json,
    Slot,
    item_slots,
    joined,
    objects,
    token_of,
    trim,
    trimmed_tokens,
)
from simulator.content_filter.tally import Tally
from simulator.content_filter.usage import reduce_usage
from simulator.content_filter.watch import Hit, Watch

_ENDED = ("completed", "incomplete")


class Verdict(Struct):
    """The filter's verdict on all texts of a response together."""

    hit: Hit | None
    notes: Findings = ()

    @property
    def blocking(self) -> Findings:
        return self.hit.findings if self.hit else ()


def filter_response(body: Json, screening: Screening, tally: Tally) -> None:
    """Change a response as the filter has it; one that is not done stays as it is."""
    if body.get("object") != "response" or body.get("status") not in _ENDED:
        return
    slots = [slot for item in objects(body.get("output")) for slot in item_slots(item)]
    watch = Watch(screening)
    for slot in slots:
        watch.feed(slot.text, final=slot is slots[-1])
    if not slots:
        watch.feed("", final=True)
    if watch.hit is not None:
        text = joined(slots)
        tally.removed += len(screening.split(text[watch.hit.offset :]))
        tally.add(watch.hit.findings)
    close_response(body, screening, Verdict(watch.hit, watch.notes), tally)


def close_response(body: Json, screening: Screening, verdict: Verdict, tally: Tally) -> None:
    """Change the body of a response that is done by a verdict."""
    if verdict.hit is not None:
        _cut(body, verdict.hit.offset)
        reduce_usage(body, tally.removed)
    characters = sum(
        len(slot.text) for item in objects(body.get("output")) for slot in item_slots(item)
    )
    body["content_filters"] = _filters(body, screening, verdict, characters)


def _cut(body: Json, offset: int) -> None:
    kept: list[Json] = []
    for item in objects(body.get("output")):
        slots = item_slots(item)
        length = len(joined(slots))
        if slots and offset < 0:
            continue
        if length > offset:
            cut_item(item, slots, offset)
        kept.append(item)
        if slots:
            # The text behind the cut was never written.
            offset = offset - length if length <= offset else -1
    body |= {
        "status": "incomplete",
        "completed_at": None,
        "incomplete_details": {"reason": "content_filter"},
        "output": kept,
    }


def cut_item(item: Json, slots: list[Slot], kept: int) -> None:
    trim(slots, kept)
    for slot in slots:
        cut_part(slot.holder, kept)
    if "status" in item:
        item["status"] = "incomplete"


def cut_part(part: Json, kept: int) -> None:
    if isinstance(part.get("logprobs"), list):
        part["logprobs"] = trimmed_tokens(part["logprobs"], kept, token_of)


def _filters(
    body: Json, screening: Screening, verdict: Verdict, characters: int
) -> list[dict[str, Any]]:
    known = objects(body.get("content_filters")) or [
        _entry("prompt", prompt_results(()), screening.prompt_characters),
        _entry("completion", harmless_results(), 0),
    ]
    for entry in known:
        results: Json = entry.get("content_filter_results") or {}
        if entry.get("source_type") == "prompt":
            found = with_findings(results, screening.prompt_notes, "prompt")
        else:
            notes = (*screening.completion_notes, *verdict.notes, *verdict.blocking)
            found = with_findings(results, notes, "completion")
            entry["blocked"] = verdict.hit is not None
            entry["content_filter_offsets"] = _offsets(characters)
        entry["content_filter_results"] = found
    return known


def _entry(source: str, results: Json, characters: int) -> Json:
    return {
        "blocked": False,
        "source_type": source,
        "content_filter_raw": [],
        "content_filter_results": results,
        "content_filter_offsets": _offsets(characters),
    }


def _offsets(characters: int) -> dict[str, int]:
    return {"start_offset": 0, "end_offset": characters, "check_offset": 0}
