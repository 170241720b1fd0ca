"""What the content filter says of prompts and completions: all of them are safe."""

import msgspec

from simulator.models import Model

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

_PROMPT = {**_HARMS, "jailbreak": _UNDETECTED}
PROMPT_FILTER_RESULTS = msgspec.Raw(
    b'[{"prompt_index":0,"content_filter_results":'
    + msgspec.json.encode(_PROMPT, order="sorted")
    + b"}]"
)
"""`prompt_filter_results` of an answer to one prompt; its own two keys are not sorted."""

_STREAMED = _encoded({"protected_material_text": _UNDETECTED})


def streamed_results(model: Model) -> msgspec.Raw:
    """On each content chunk of a stream: gpt-5 and later show one result (recorded 2026-06)."""
    return _STREAMED if model.name.startswith("gpt-5") else COMPLETION_RESULTS
