"""The content filter's results on prompts and completions: all of them are safe."""

import functools
import re

import msgspec

_SAFE = {"filtered": False, "severity": "safe"}
_UNDETECTED = {"detected": False, "filtered": False}
_HARMS = {"hate": _SAFE, "self_harm": _SAFE, "sexual": _SAFE, "violence": _SAFE}
_PROTECTED = {"protected_material_code": _UNDETECTED, "protected_material_text": _UNDETECTED}


def _encoded(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value, order="sorted"))


COMPLETION_RESULTS = _encoded({**_HARMS, **_PROTECTED})
"""On each choice of a chat answer (recorded 2026-03)."""
TEXT_RESULTS = _encoded(_HARMS)
"""On each choice of a completions answer (recorded 2023)."""

_PROMPT_RESULTS = msgspec.json.encode({**_HARMS, "jailbreak": _UNDETECTED}, order="sorted")


def _for_prompts(count: int, results: bytes) -> msgspec.Raw:
    """`prompt_filter_results` for this number of prompts; its own two keys are not sorted."""
    members = [
        b'{"prompt_index":%d,"content_filter_results":%s}' % (index, results)
        for index in range(count)
    ]
    return msgspec.Raw(b"[" + b",".join(members) + b"]")


PROMPT_FILTER_RESULTS = _for_prompts(1, _PROMPT_RESULTS)
"""The results of a chat, which has one prompt."""


_IMAGE_RESULTS = msgspec.json.encode(
    {
        "sexual": _SAFE,
        "violence": _SAFE,
        "hate": _SAFE,
        "self_harm": _SAFE,
        "custom_blocklists": {"filtered": False, "details": []},
    }
)


def vision_filter_results(images: tuple[int, ...]) -> msgspec.Raw:
    """`prompt_filter_results` for a prompt with images at these places: theirs alone, and an empty
    one for its beginning (recorded 2025-11 and 2026-01, with one image behind a text)."""
    results = dict.fromkeys(images, _IMAGE_RESULTS)
    results.setdefault(0, b"{}")
    members = [
        b'{"prompt_index":%d,"content_filter_result":%s}' % entry for entry in results.items()
    ]
    return msgspec.Raw(b"[" + b",".join(members) + b"]")


_TEXT_PROMPT_RESULTS = msgspec.json.encode(_HARMS, order="sorted")


@functools.lru_cache(maxsize=64)
def text_prompt_filter_results(prompts: int) -> msgspec.Raw:
    """`prompt_filter_results` of completions: severities alone (recorded 2023-11 to 2025-03)."""
    return _for_prompts(prompts, _TEXT_PROMPT_RESULTS)


_WITH_ONE_RESULT = re.compile("gpt-[5-9]")
_STREAMED = _encoded({"protected_material_text": _UNDETECTED})


def streamed_results(model: str) -> msgspec.Raw:
    """On each content chunk of a stream: gpt-5 and later show one result (recorded 2026-06)."""
    return _STREAMED if _WITH_ONE_RESULT.match(model) else COMPLETION_RESULTS


_RESPONSE_HARMS = {"hate": _SAFE, "sexual": _SAFE, "violence": _SAFE, "self_harm": _SAFE}
_RESPONSE_PROMPT = msgspec.Raw(msgspec.json.encode({**_RESPONSE_HARMS, "jailbreak": _UNDETECTED}))
_RESPONSE_ANSWER = msgspec.Raw(msgspec.json.encode({**_PROTECTED, **_RESPONSE_HARMS}))


def response_filters(
    prompt_characters: int | None, answer_characters: int
) -> list[dict[str, object]]:
    """`content_filters` of a response, for the prompt, unless it is None, and the answer (recorded
    2026-08)."""
    entries = [("completion", _RESPONSE_ANSWER, answer_characters)]
    if prompt_characters is not None:
        entries.insert(0, ("prompt", _RESPONSE_PROMPT, prompt_characters))
    return [
        {
            "blocked": False,
            "source_type": source,
            "content_filter_raw": [],
            "content_filter_results": results,
            "content_filter_offsets": {"start_offset": 0, "end_offset": end, "check_offset": 0},
        }
        for source, results, end in entries
    ]
