"""The bytes of chat answers: keys in alphabetical order, as all recordings since 2024 have them."""

import functools
from collections.abc import Sequence

import msgspec

from simulator.catalogue.models import Model
from simulator.json_layout import without_angles
from simulator.messages import Usage
from simulator.operations.chat.choice import Choice
from simulator.operations.chat.identity import AnswerIdentity
from simulator.operations.chat.text_body import (
    BARE_HEAD,
    COUNTED,
    COUNTED_PADDING,
    checkpoint_shown,
    routing_text,
    text_body,
    usage_text,
    with_tails,
)
from simulator.wire.content_filter import (
    COMPLETION_RESULTS,
    PROMPT_FILTER_RESULTS,
    streamed_results,
    vision_filter_results,
)
from simulator.wire.obfuscation import Padding
from simulator.wire.packed_chunks import GAP, Frame

_PROMPT_FILTER_HEAD = (
    b'data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":'
)


def encode(value: object) -> bytes:
    return without_angles(msgspec.json.encode(value))


def _prompt_filter(results: msgspec.Raw) -> bytes:
    return _PROMPT_FILTER_HEAD + bytes(results) + b"}\n\n"


PROMPT_FILTER_EVENT = _prompt_filter(PROMPT_FILTER_RESULTS)
"""The event that a stream begins with, before any choice (recorded since 2024)."""


def _prompt_results(images: tuple[int, ...]) -> msgspec.Raw:
    return vision_filter_results(images) if images else PROMPT_FILTER_RESULTS


def usage_members(usage: Usage, checkpoint: str | None = None) -> dict[str, object]:
    """The members of `usage`, with a `checkpoint`, which is JSON, among them; a stream has it beside them."""
    written = {} if usage.written is None else {"cache_write_tokens": usage.written}
    timed = {} if checkpoint is None else {"latency_checkpoint": msgspec.Raw(checkpoint.encode())}
    return {
        "completion_tokens": usage.completion,
        "completion_tokens_details": {
            "accepted_prediction_tokens": 0,
            "audio_tokens": usage.audio,
            "reasoning_tokens": usage.reasoning,
            "rejected_prediction_tokens": 0,
        },
        **timed,
        "prompt_tokens": usage.prompt,
        "prompt_tokens_details": {
            "audio_tokens": usage.heard,
            **written,
            "cached_tokens": usage.cached,
        },
        "total_tokens": usage.total,
    }


def answer_body(
    identity: AnswerIdentity,
    choices: Sequence[Choice],
    usage: Usage,
    checkpoint: str | None = None,
) -> bytes:
    """A plain answer (recorded 2026-08), with the line end that the real service sends."""
    if checkpoint is not None:
        checkpoint = checkpoint_shown(checkpoint, identity.model.replica)
    if len(choices) == 1 and not identity.images and choices[0].is_plain:
        return text_body(identity, choices[0], usage, checkpoint)
    return members_body(identity, choices, usage, checkpoint)


def members_body(
    identity: AnswerIdentity,
    choices: Sequence[Choice],
    usage: Usage,
    checkpoint: str | None = None,
) -> bytes:
    """A plain answer with any choices, encoded member by member."""
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
        "prompt_filter_results": _prompt_results(identity.images),
        **_routing(identity.model),
        "service_tier": identity.tier,
        "system_fingerprint": identity.model.system_fingerprint,
        "usage": usage_members(usage, checkpoint),
    }
    return encode(body) + b"\n"


def _routing(model: Model) -> dict[str, object]:
    return {} if model.replica is None else {"routing": {"serving_pipereplica": model.replica}}


def _content(logprobs: object) -> dict[str, object]:
    return {"content": logprobs, "refusal": None}


@functools.lru_cache(256)
def _streamed(model: str) -> str:
    return bytes(streamed_results(model)).decode()


@functools.lru_cache(256)
def _tail(tier: str, fingerprint: str | None) -> str:
    return (
        f'"object":"chat.completion.chunk","service_tier":"{tier}",'
        f'"system_fingerprint":{encode(fingerprint).decode()}'
    )


class EventTemplate:
    """The events of one stream; only what differs from one to the next is put in."""

    def __init__(
        self, identity: AnswerIdentity, *, include_usage: bool, padding: Padding | None
    ) -> None:
        model = identity.model
        self.padding = padding
        self._images = identity.images
        self.results = _streamed(model.name)
        self._identity = f'"created":{identity.created},"id":"{identity.id}",'
        self._model = f'"model":"{model.wire_name}",'
        self.shared = f"}}],{self._identity}{self._model}"
        self._tail = _tail(identity.tier, model.system_fingerprint)
        self._replica = model.replica
        self.end = f'{self._tail},"usage":null}}' if include_usage else f"{self._tail}}}"

    def prompt_filter(self) -> bytes:
        return (
            _prompt_filter(_prompt_results(self._images)) if self._images else PROMPT_FILTER_EVENT
        )

    def contents(self, index: int) -> "ContentTemplate":
        """For the content chunks of the choice `index`, which come by the hundred."""
        return ContentTemplate(
            f'data: {{"choices":[{{"content_filter_results":{self.results},"delta":{{',
            f'}},"finish_reason":null,"index":{index},"logprobs":',
            identity=self.shared,
            end=self.end,
            padding=self.padding,
        )

    def plain(self, index: int) -> "ContentTemplate":
        """For the chunks without filter results that come by the hundred: those of tool calls."""
        return ContentTemplate(
            BARE_HEAD,
            f'}},"finish_reason":null,"index":{index},"logprobs":',
            identity=self.shared,
            end=self.end,
            padding=self.padding,
        )

    def finish(self, index: int, reason: str) -> bytes:
        return self._bare("", index, f'"{reason}"')

    def role(self, index: int) -> bytes:
        return self._bare('"content":"","refusal":null,"role":"assistant"', index, "null")

    def _bare(self, delta: str, index: int, reason: str) -> bytes:
        """A chunk without filter results: the first or the last."""
        middle = f'}},"finish_reason":{reason},"index":{index},"logprobs":null{self.shared}'
        padding = ""
        if self.padding is not None:
            length = COUNTED + len(delta) + len(middle) + len(self.end)
            padding = f'"obfuscation":"{self.padding.of(length)}",'
        return f"{BARE_HEAD}{delta}{middle}{padding}{self.end}\n\n".encode()

    def usage(self, usage: Usage, checkpoint: str) -> bytes:
        """The last chunk before [DONE], if the client requested usage (recorded 2026-08)."""
        latency = f'"latency_checkpoint":{checkpoint_shown(checkpoint, self._replica)},'
        tail = self._tail
        if self._replica is not None:
            tail = tail.replace('"service_tier"', f'{routing_text(self._replica)}"service_tier"', 1)
        end = f'{tail},"usage":{usage_text(usage)}}}'
        head = f'{{"choices":[],{self._identity}'
        padding = ""
        if self.padding is not None:
            length = len(head + latency + self._model + end + COUNTED_PADDING)
            padding = f'"obfuscation":"{self.padding.of(length)}",'
        return f"data: {head}{latency}{self._model}{padding}{end}\n\n".encode()


class ContentTemplate:
    """An event in five parts, between which the delta, the logprobs and the padding go."""

    def __init__(
        self, head: str, middle: str, *, identity: str, end: str, padding: Padding | None
    ) -> None:
        self._head = head
        self._middle = middle
        self._padding = padding
        self._length = COUNTED + len(middle) + len(identity) + len(end)
        self._text_length = self._length + len('"content":""null')
        self._identity = identity if self._padding is None else f'{identity}"obfuscation":"'
        self._end = f"{end}\n\n" if self._padding is None else f'",{end}\n\n'
        self._text_head = f'{head}"content":"'
        self._text_middle = f'"{middle}null{self._identity}'

    def event(self, delta: str, logprobs: str = "null") -> bytes:
        padding = ""
        if self._padding is not None:
            padding = self._padding.of(self._length + len(delta) + len(logprobs))
        return f"{self._head}{delta}{self._middle}{logprobs}{self._identity}{padding}{self._end}".encode()

    def texts(self, pieces: Sequence[str]) -> list[bytes]:
        """The events of a text's tokens, which are most of what is ever streamed: made in one go."""
        head, middle, end = self._text_head, self._text_middle, self._end
        return [
            f"{head}{piece}{middle}{padding}{end}".encode()
            for piece, padding in zip(pieces, self._paddings(pieces), strict=True)
        ]

    def frame(self) -> Frame:
        """Return what the events of a text's tokens share."""
        return Frame(self._text_head.encode(), self._text_middle.encode(), self._end.encode())

    def rests(self, pieces: Sequence[str]) -> list[bytes]:
        """Return what the events of a text's tokens have beside the frame."""
        return [
            f"{piece}{GAP}{padding}".encode()
            for piece, padding in zip(pieces, self._paddings(pieces), strict=True)
        ]

    def joined(self, pieces: Sequence[str]) -> bytes:
        """Return the events of a text's tokens in one piece."""
        if not pieces:
            return b""
        # The text behind a piece, up to the next one, depends on the piece's size alone.
        middle, between, paddings = self._text_middle, self._end + self._text_head, self._by_size()
        tails = [f"{middle}{padding}{between}" for padding in paddings]
        padding = paddings[len(pieces[-1]) % len(paddings)]
        end = f"{middle}{padding}{self._end}"
        return with_tails(pieces, tails, self._text_head, end).encode()

    def _by_size(self) -> Sequence[str]:
        return [""] if self._padding is None else self._padding.by_size(self._text_length)

    def _paddings(self, pieces: Sequence[str]) -> Sequence[str]:
        if self._padding is None:
            return [""] * len(pieces)
        return self._padding.of_all(self._text_length, pieces)
