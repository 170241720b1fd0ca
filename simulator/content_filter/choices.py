"""Plain answers of chat and completions: choices that are cut or annotated."""

from simulator.content_filter.findings import Findings, harmless_results, with_findings
from simulator.content_filter.screening import Screening
from simulator.content_filter.slots import (
    Json,
    choice_slots,
    joined,
    objects,
    token_of,
    trim,
    trimmed_tokens,
)
from simulator.content_filter.tally import Tally
from simulator.content_filter.usage import reduce_usage
from simulator.content_filter.watch import Hit, Watch

_LISTS = ("tokens", "token_logprobs", "top_logprobs", "text_offset")


def filter_choices(body: Json, screening: Screening, tally: Tally) -> None:
    """Change the body of an answer as the filter has it."""
    note_prompt(body, screening.prompt_notes)
    for choice in objects(body.get("choices")):
        _filter_choice(choice, screening, tally)
    reduce_usage(body, tally.removed)


def note_prompt(body: Json, notes: Findings) -> None:
    if not notes:
        return
    for result in objects(body.get("prompt_filter_results")):
        known = result.get("content_filter_results")
        result["content_filter_results"] = with_findings(known or {}, notes, "prompt")


def annotate(choice: Json, findings: Findings) -> None:
    if findings:
        known = choice.get("content_filter_results") or harmless_results()
        choice["content_filter_results"] = with_findings(known, findings, "completion")


def _filter_choice(choice: Json, screening: Screening, tally: Tally) -> None:
    watch = Watch(screening)
    text = joined(choice_slots(choice))
    watch.feed(text, final=True)
    hit = watch.hit
    if hit is not None:
        tally.removed += len(screening.split(text[hit.offset :]))
        tally.add(hit.findings)
        _cut(choice, hit)
    annotate(choice, (*screening.completion_notes, *watch.notes, *(hit.findings if hit else ())))


def _cut(choice: Json, hit: Hit) -> None:
    # Where a word of a blocklist is found, there is no content at all (Microsoft's page, 2026-03).
    kept = 0 if hit.word else hit.offset
    slots = choice_slots(choice)
    trim(slots, kept)
    choice["finish_reason"] = "content_filter"
    _trim_logprobs(choice, kept)
    message = choice.get("message")
    if isinstance(message, dict):
        _drop_empty(message)  # pyright: ignore[reportUnknownArgumentType] JSON


def _drop_empty(message: Json) -> None:
    """A message without a text has no `content` (reported by many users)."""
    if not message.get("content"):
        message.pop("content", None)
    calls = [
        one
        for one in objects(message.get("tool_calls"))
        if joined(choice_slots({"message": {"tool_calls": [one]}}))
    ]
    message.pop("tool_calls", None)
    if calls:
        message["tool_calls"] = calls
    function = message.get("function_call")
    if isinstance(function, dict) and not function.get("arguments"):  # pyright: ignore[reportUnknownMemberType] JSON
        del message["function_call"]


def _trim_logprobs(choice: Json, kept: int) -> None:
    logprobs = choice.get("logprobs")
    if not isinstance(logprobs, dict):
        return
    entries: Json = logprobs  # pyright: ignore[reportUnknownVariableType] JSON
    if isinstance(entries.get("content"), list):
        entries["content"] = trimmed_tokens(entries["content"], kept, token_of)
    elif isinstance(entries.get("tokens"), list):
        count = len(trimmed_tokens(entries["tokens"], kept, str))
        for name in _LISTS:
            if isinstance(entries.get(name), list):
                entries[name] = entries[name][:count]
