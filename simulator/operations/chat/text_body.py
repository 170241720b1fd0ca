"""The bytes of the answer that most requests get, one text, laid out beforehand: as a body, and as a stream
whose events all leave together."""

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from simulator.json_layout import without_angles
from simulator.messages import Usage
from simulator.operations.chat.choice import Choice
from simulator.operations.chat.identity import AnswerIdentity
from simulator.wire.content_filter import COMPLETION_RESULTS, PROMPT_FILTER_RESULTS

if TYPE_CHECKING:
    from simulator.operations.chat.wire import EventTemplate

_HEAD = f'{{"choices":[{{"content_filter_results":{bytes(COMPLETION_RESULTS).decode()},'
_TOTAL = re.compile(r'"total_duration_ms":\d+,')
_PROMPT = bytes(PROMPT_FILTER_RESULTS).decode()
# The texts that the padding's rule counts for the head of an event, and for the padding itself.
_COUNTED_HEAD = '{"choices":[{"delta":{'
COUNTED_PADDING = '"obfuscation":"",'
COUNTED = len(_COUNTED_HEAD + COUNTED_PADDING)
# Nearly all tokens are shorter than so many times the multiple that paddings bring events to.
_SHORT = 4
BARE_HEAD = 'data: {"choices":[{"content_filter_results":{},"delta":{'
_ROLE = '"content":"","refusal":null,"role":"assistant"'
_MIDDLE = '},"finish_reason":null,"index":0,"logprobs":null'


def text_body(
    identity: AnswerIdentity, choice: Choice, usage: Usage, checkpoint: str | None
) -> bytes:
    """Return the bytes that encoding the members one by one would give; `checkpoint` is JSON."""
    draft, model = choice.draft, identity.model
    text = _json(draft.text) if draft.escapable else f'"{draft.text}"'
    ending = _ending(model.wire_name, model.system_fingerprint, identity.tier, model.replica)
    return (
        f'{_HEAD}"finish_reason":"{choice.finish_reason}","index":0,"logprobs":null,'
        f'"message":{{"annotations":[],"content":{text},"refusal":null,"role":"assistant"}}}}],'
        f'"created":{identity.created},"id":"{identity.id}",{ending}'
        f'"usage":{usage_text(usage, checkpoint)}}}\n'
    ).encode()


@functools.lru_cache(256)
def _ending(model: str, fingerprint: str | None, tier: str, replica: str | None) -> str:
    return (
        f'"model":{_json(model)},"object":"chat.completion","prompt_filter_results":{_PROMPT},'
        f'{routing_text(replica)}"service_tier":"{tier}","system_fingerprint":{_json(fingerprint)},'
    )


def routing_text(replica: str | None) -> str:
    """The member `routing` as JSON, for models whose answers have one (recorded 2026-09)."""
    return "" if replica is None else f'"routing":{{"serving_pipereplica":"{replica}"}},'


def checkpoint_shown(checkpoint: str, replica: str | None) -> str:
    """The checkpoint of a model: those that name their replica show no total (recorded 2026-09)."""
    return checkpoint if replica is None else _TOTAL.sub("", checkpoint)


def _json(value: object) -> str:
    return without_angles(msgspec.json.encode(value)).decode()


def usage_text(usage: Usage, checkpoint: str | None = None) -> str:
    """The members of `usage` as JSON; a `checkpoint`, which is JSON as well, stands among them."""
    timed = "" if checkpoint is None else f'"latency_checkpoint":{checkpoint},'
    written = "" if usage.written is None else f'"cache_write_tokens":{usage.written},'
    return (
        f'{{"completion_tokens":{usage.completion},"completion_tokens_details":{{'
        f'"accepted_prediction_tokens":0,"audio_tokens":{usage.audio},'
        f'"reasoning_tokens":{usage.reasoning},"rejected_prediction_tokens":0}},{timed}'
        f'"prompt_tokens":{usage.prompt},"prompt_tokens_details":{{"audio_tokens":{usage.heard},'
        f'{written}"cached_tokens":{usage.cached}}},"total_tokens":{usage.prompt + usage.completion}}}'
    )


class _Parts(NamedTuple):
    """The beginning of each kind of event, up to what all events of a stream share, and how many characters
    of it the padding's rule counts. A token comes between the two parts of its event."""

    role: str
    role_size: int
    text: str
    text_middle: str
    text_size: int
    finish: str
    finish_size: int


@functools.lru_cache(256)
def _parts(results: str, reason: str) -> _Parts:
    finish = f'}},"finish_reason":"{reason}","index":0,"logprobs":null'
    return _Parts(
        role=f"{BARE_HEAD}{_ROLE}{_MIDDLE}",
        role_size=COUNTED + len(_ROLE + _MIDDLE),
        text=f'data: {{"choices":[{{"content_filter_results":{results},"delta":{{"content":"',
        text_middle=f'"{_MIDDLE}',
        text_size=COUNTED + len('"content":""' + _MIDDLE),
        finish=f"{BARE_HEAD}{finish}",
        finish_size=COUNTED + len(finish),
    )


def whole_stream(
    template: "EventTemplate", pieces: Sequence[str], reason: str, last: bytes
) -> bytes:
    """Return the events of a text's tokens, one or more, with those before and after them and the `last`."""
    parts, shared, end = _parts(template.results, reason), template.shared, f"{template.end}\n\n"
    padding, role_padding, finish_padding = template.padding, "", ""
    by_size: Sequence[str] = ("",)
    if padding is not None:
        size = len(shared) + len(template.end)
        role_padding = padding.of(parts.role_size + size)
        finish_padding = padding.of(parts.finish_size + size)
        by_size = padding.by_size(parts.text_size + size)
        shared, end = f'{shared}"obfuscation":"', f'",{end}'
    # The text behind a piece, up to the next one, depends on the piece's size alone.
    middle, between = f"{parts.text_middle}{shared}", f"{end}{parts.text}"
    begin = f"{template.prompt_filter().decode()}{parts.role}{shared}{role_padding}{between}"
    tail = f"{middle}{by_size[len(pieces[-1]) % len(by_size)]}{end}"
    finish = f"{parts.finish}{shared}{finish_padding}{end}{last.decode()}"
    tails = [f"{middle}{one}{between}" for one in by_size]
    return with_tails(pieces, tails, begin, f"{tail}{finish}").encode()


def with_tails(pieces: Sequence[str], tails: Sequence[str], begin: str, end: str) -> str:
    """Return the pieces, one or more, each with the tail of its size (modulo their number) behind it, and the
    last one with the `end`."""
    parts = [begin] * (2 * len(pieces) + 1)
    parts[1::2] = pieces
    count, tails = len(tails), [*tails] * _SHORT
    try:
        # A `map` would have fewer bytecodes, but take half as long again.
        parts[2::2] = [tails[len(piece)] for piece in pieces]
    except IndexError:
        parts[2::2] = [tails[len(piece) % count] for piece in pieces]
    parts[-1] = end
    return "".join(parts)
