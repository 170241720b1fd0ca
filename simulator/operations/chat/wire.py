"""The bytes of chat answers: keys in alphabetical order, as all recordings since 2024 have them."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from simulator.catalogue.models import Model
from simulator.messages import Usage
from simulator.operations.chat.choice import Choice
from simulator.wire.content_filter import (
    COMPLETION_RESULTS,
    prompt_filter_results,
    streamed_results,
)
from simulator.wire.obfuscation import USAGE_REMAINDER, Padding

encode = msgspec.json.encode

PROMPT_FILTER_EVENT = (
    b'data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":'
    + bytes(prompt_filter_results())
    + b"}\n\n"
)
"""What a stream begins with, before any choice (recorded since 2024)."""


class AnswerIdentity(Struct, frozen=True):
    """The members that every part of one answer shares."""

    id: str
    created: int
    model: Model
    tier: str = "default"
    """The service tier that served it."""


def usage_members(usage: Usage) -> dict[str, object]:
    return {
        "completion_tokens": usage.completion,
        "completion_tokens_details": {
            "accepted_prediction_tokens": 0,
            "audio_tokens": 0,
            "reasoning_tokens": usage.reasoning,
            "rejected_prediction_tokens": 0,
        },
        "prompt_tokens": usage.prompt,
        "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": usage.cached},
        "total_tokens": usage.total,
    }


def answer_body(identity: AnswerIdentity, choices: Sequence[Choice], usage: Usage) -> bytes:
    """A plain answer (recorded 2026-03), with the line end that the real service sends."""
    members: list[dict[str, object]] = [
        {
            "content_filter_results": {} if choice.draft.calls else COMPLETION_RESULTS,
            "finish_reason": choice.finish_reason,
            "index": index,
            "logprobs": None if choice.logprobs is None else _content(choice.logprobs),
            "message": choice.message,
        }
        for index, choice in enumerate(choices)
    ]
    body: dict[str, object] = {
        "choices": members,
        "created": identity.created,
        "id": identity.id,
        "model": identity.model.wire_name,
        "object": "chat.completion",
        "prompt_filter_results": prompt_filter_results(),
        "service_tier": identity.tier,
        "system_fingerprint": identity.model.system_fingerprint,
        "usage": usage_members(usage),
    }
    return encode(body) + b"\n"


def _content(logprobs: object) -> dict[str, object]:
    return {"content": logprobs, "refusal": None}


class EventTemplate:
    """The events of one stream; only what differs from one to the next is put in."""

    def __init__(
        self, identity: AnswerIdentity, *, include_usage: bool, padding: Padding | None
    ) -> None:
        self._padding = padding
        self._filter = bytes(streamed_results(identity.model)).decode()
        fingerprint = encode(identity.model.system_fingerprint).decode()
        self._identity = f'"created":{identity.created},"id":"{identity.id}",'
        self._model = f'"model":"{identity.model.wire_name}",'
        self._tail = (
            f'"object":"chat.completion.chunk","service_tier":"{identity.tier}",'
            f'"system_fingerprint":{fingerprint}'
        )
        usage = ',"usage":null' if include_usage else ""
        self._end = f"{self._tail}{usage}}}"

    def contents(self, index: int) -> "ContentTemplate":
        """For the content chunks of the choice `index`, which come by the hundred."""
        return ContentTemplate(
            f'data: {{"choices":[{{"content_filter_results":{self._filter},"delta":{{',
            f'}},"finish_reason":null,"index":{index},"logprobs":',
            identity=f"}}],{self._identity}{self._model}",
            end=self._end,
            padding=self._padding,
        )

    def plain(self, index: int, *, reason: str | None = None) -> "ContentTemplate":
        """For the chunks without filter results: the first, the last and those of tool calls."""
        finish = "null" if reason is None else f'"{reason}"'
        return ContentTemplate(
            'data: {"choices":[{"content_filter_results":{},"delta":{',
            f'}},"finish_reason":{finish},"index":{index},"logprobs":',
            identity=f"}}],{self._identity}{self._model}",
            end=self._end,
            padding=self._padding,
        )

    def finish(self, index: int, reason: str) -> bytes:
        return self.plain(index, reason=reason).event("")

    def role(self, index: int) -> bytes:
        return self.plain(index).event('"content":"","refusal":null,"role":"assistant"')

    def usage(self, usage: Usage, checkpoint: dict[str, int]) -> bytes:
        """The last chunk before [DONE], if the client requested usage (recorded 2026-06)."""
        latency = f'"latency_checkpoint":{encode(checkpoint).decode()},'
        end = f'{self._tail},"usage":{encode(usage_members(usage)).decode()}}}'
        head = f'{{"choices":[],{self._identity}'
        padding = ""
        if self._padding is not None:
            length = len(head + self._model + end + _COUNTED_PADDING)
            padding = f'"obfuscation":"{self._padding.of(length, USAGE_REMAINDER)}",'
        return f"data: {head}{latency}{self._model}{padding}{end}\n\n".encode()


# What the padding's rule counts instead of the head of an event, and of the padding itself.
_COUNTED_HEAD = '{"choices":[{"delta":{'
_COUNTED_PADDING = '"obfuscation":"",'


class ContentTemplate:
    """An event in five parts, between which the delta, the logprobs and the padding go."""

    def __init__(
        self, head: str, middle: str, *, identity: str, end: str, padding: Padding | None
    ) -> None:
        self._head = head
        self._middle = middle
        self._padding = padding
        self._length = len(_COUNTED_HEAD + middle + identity + end + _COUNTED_PADDING)
        self._identity = identity if self._padding is None else f'{identity}"obfuscation":"'
        self._end = f"{end}\n\n" if self._padding is None else f'",{end}\n\n'

    def event(self, delta: str, logprobs: str = "null") -> bytes:
        padding = ""
        if self._padding is not None:
            padding = self._padding.of(self._length + len(delta) + len(logprobs))
        return f"{self._head}{delta}{self._middle}{logprobs}{self._identity}{padding}{self._end}".encode()

    def texts(self, pieces: Sequence[str]) -> list[bytes]:
        """The events of a text's tokens, which are most of what is ever streamed: made in one go."""
        head = f'{self._head}"content":"'
        middle = f'"{self._middle}null{self._identity}'
        end = self._end
        if self._padding is None:
            return [f"{head}{piece}{middle}{end}".encode() for piece in pieces]
        padding, length = self._padding.of, self._length + len('"content":""null')
        return [
            f"{head}{piece}{middle}{padding(length + len(piece))}{end}".encode() for piece in pieces
        ]
