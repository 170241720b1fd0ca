"""Blocked chats with models of other makers: a 400 whose body is a completion without a text (published of
Kimi-K2.6 and DeepSeek-V4-Pro, 2026-06 to 2026-09)."""

import hashlib
from collections.abc import Sequence

import msgspec

from simulator.content_filter.findings import Finding, Findings, labels
from simulator.content_filter.refusals import FilteredContent
from simulator.content_filter.slots import Json, objects

_LABELS = {
    "hate": "MultiSeverity_HateScore",
    "self_harm": "MultiSeverity_SelfHarmScore",
    "sexual": "MultiSeverity_SexualScore",
    "violence": "MultiSeverity_ViolenceScore",
    "jailbreak": "Jailbreak",
}
"""Violence, sexual and jailbreak were seen."""
_ANSWER_BLOCKED = "ResponsibleAI result indicated block action."
_DIGITS = 29


class BlockedByMaker(FilteredContent):
    """A prompt that is blocked; its tokens are counted, and no model is named."""

    def __init__(
        self, findings: Findings, texts: Sequence[str], prompt_tokens: int, now: int
    ) -> None:
        first = next(one for one in findings if one.filtered)
        message = f"Response content blocked by label '{_label(first)}'."
        reason = f"the content filter blocked the prompt: {labels(findings)}"
        super().__init__({"message": message}, reason, prompt_tokens)
        self._id = hashlib.sha256("".join((str(now), *texts)).encode(errors="replace")).hexdigest()
        self._now = now

    def body(self) -> bytes:
        counted = self.usage.prompt
        body = {
            "id": f"chatcmpl-{self._id[:_DIGITS]}",
            "model": "",
            "choices": [{"index": 0, **_blocked(self.message)}],
            "usage": {"prompt_tokens": counted, "total_tokens": counted},
            "created": self._now,
            "object": "chat.completion",
            "prompt_filter_results": None,
        }
        return msgspec.json.encode(body)


def block_choices(body: Json) -> None:
    """Change the body of an answer in which something was found."""
    for choice in objects(body.get("choices")):
        blocked = {"index": choice.get("index"), **_blocked(_ANSWER_BLOCKED)}
        choice.clear()
        choice |= blocked


def _blocked(message: str) -> dict[str, object]:
    return {
        "message": {"role": "assistant", "content": ""},
        "finish_reason": "content_filter",
        "content_filter_results": {"error": {"code": "content_filter", "message": message}},
    }


def _label(finding: Finding) -> str:
    named = finding.category.title().replace("_", "")
    return _LABELS.get(finding.category, named)
