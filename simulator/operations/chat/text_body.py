"""The body of the answer that most requests get: one text, laid out beforehand."""

import functools

import msgspec

from simulator.catalogue.models import Model
from simulator.json_layout import without_angles
from simulator.messages import Usage
from simulator.wire.content_filter import COMPLETION_RESULTS, PROMPT_FILTER_RESULTS

_FILTERED = bytes(COMPLETION_RESULTS).decode()
_PROMPT = bytes(PROMPT_FILTER_RESULTS).decode()


def text_body(
    text: str, reason: str, *, created: int, id_: str, model: Model, tier: str, usage: str
) -> bytes:
    """Return the bytes that encoding the members one by one would give; `text` and `usage` are JSON."""
    ending = _ending(model.wire_name, model.system_fingerprint, tier)
    return (
        f'{{"choices":[{{"content_filter_results":{_FILTERED},"finish_reason":"{reason}","index":0,'
        f'"logprobs":null,"message":{{"annotations":[],"content":{text},"refusal":null,'
        f'"role":"assistant"}}}}],"created":{created},"id":"{id_}",{ending}"usage":{usage}}}\n'
    ).encode()


@functools.lru_cache(256)
def _ending(model: str, fingerprint: str | None, tier: str) -> str:
    return (
        f'"model":{_json(model)},"object":"chat.completion","prompt_filter_results":{_PROMPT},'
        f'"service_tier":"{tier}","system_fingerprint":{_json(fingerprint)},'
    )


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
        f'{written}"cached_tokens":{usage.cached}}},"total_tokens":{usage.total}}}'
    )
