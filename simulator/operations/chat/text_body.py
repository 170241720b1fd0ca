"""The body of the answer that most requests get: one text, laid out beforehand."""

import functools

import msgspec

from simulator.json_layout import without_angles
from simulator.messages import Usage
from simulator.operations.chat.choice import Choice
from simulator.operations.chat.identity import AnswerIdentity
from simulator.wire.content_filter import COMPLETION_RESULTS, PROMPT_FILTER_RESULTS

_HEAD = f'{{"choices":[{{"content_filter_results":{bytes(COMPLETION_RESULTS).decode()},'
_PROMPT = bytes(PROMPT_FILTER_RESULTS).decode()


def text_body(
    identity: AnswerIdentity, choice: Choice, usage: Usage, checkpoint: str | None
) -> bytes:
    """Return the bytes that encoding the members one by one would give; `checkpoint` is JSON."""
    draft, model = choice.draft, identity.model
    text = _json(draft.text) if draft.escapable else f'"{draft.text}"'
    ending = _ending(model.wire_name, model.system_fingerprint, identity.tier)
    return (
        f'{_HEAD}"finish_reason":"{choice.finish_reason}","index":0,"logprobs":null,'
        f'"message":{{"annotations":[],"content":{text},"refusal":null,"role":"assistant"}}}}],'
        f'"created":{identity.created},"id":"{identity.id}",{ending}'
        f'"usage":{usage_text(usage, checkpoint)}}}\n'
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
        f'{written}"cached_tokens":{usage.cached}}},"total_tokens":{usage.prompt + usage.completion}}}'
    )
