"""The bytes of messages, plain and streamed (Anthropic's pages on messages and on streaming)."""

import itertools
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from simulator.latency import Tempo
from simulator.messages import Chunk, Usage, chunks_of
from simulator.synthesis.drafts import CallDraft, Draft
from simulator.wire.sse import event

encode = msgspec.json.encode
_TEXT_HEAD = (
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":'
    '{"type":"text_delta","text":"'
)


class MessageIdentity(Struct, frozen=True):
    """The members that every part of one message shares, and how it ends."""

    id: str
    model: str
    usage: Usage
    written: int
    """The tokens of the prompt that are cached from now on."""
    stop_reason: str
    stop_sequence: str | None
    call_ids: Sequence[str] = ()


def _usage(identity: MessageIdentity) -> dict[str, object]:
    """Tokens of a prompt count once: read from the cache, written to it, or neither."""
    usage = identity.usage
    return {
        "input_tokens": usage.prompt - usage.cached - identity.written,
        "cache_creation_input_tokens": identity.written,
        "cache_read_input_tokens": usage.cached,
    }


def _message_usage(identity: MessageIdentity, output: int) -> dict[str, object]:
    return {
        **_usage(identity),
        "cache_creation": {
            "ephemeral_5m_input_tokens": identity.written,
            "ephemeral_1h_input_tokens": 0,
        },
        "output_tokens": output,
        "service_tier": "standard",
    }


def message_body(identity: MessageIdentity, draft: Draft) -> bytes:
    """A plain answer."""
    return encode(
        {
            **_head(identity),
            "content": _content(identity, draft),
            "stop_reason": identity.stop_reason,
            "stop_sequence": identity.stop_sequence,
            "usage": _message_usage(identity, identity.usage.completion),
        }
    )


def _head(identity: MessageIdentity) -> dict[str, object]:
    return {
        "model": identity.model,
        "id": identity.id,
        "type": "message",
        "role": "assistant",
    }


def _content(identity: MessageIdentity, draft: Draft) -> list[dict[str, object]]:
    if not draft.calls:
        return [{"type": "text", "text": draft.text}] if draft.text else []
    return [
        _call(call, id_, msgspec.Raw(_arguments(call)))
        for call, id_ in zip(draft.calls, identity.call_ids, strict=True)
    ]


def _call(call: CallDraft, id_: str, arguments: object) -> dict[str, object]:
    return {"type": "tool_use", "id": id_, "name": call.tool.name, "input": arguments}


def _arguments(call: CallDraft) -> bytes:
    """The input of a call; what was cut, or is no object, is shown as none."""
    data = call.arguments.encode()
    try:
        msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return b"{}"
    return data


def _named(body: dict[str, object]) -> bytes:
    return event(encode(body), str(body["type"]))


def message_chunks(identity: MessageIdentity, draft: Draft, tempo: Tempo) -> Iterator[Chunk]:
    """The events of a stream: the message begins, each block, how it ends, and the end."""
    start: dict[str, object] = {
        **_head(identity),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _message_usage(identity, 1),
    }
    first = tempo.at(1)
    yield Chunk(_named({"type": "message_start", "message": start}), first)
    yield from _calls(identity, draft, tempo) if draft.calls else _text(draft, tempo)
    end = tempo.at(max(1, draft.tokens))
    ending: dict[str, object] = {
        "type": "message_delta",
        "delta": {"stop_reason": identity.stop_reason, "stop_sequence": identity.stop_sequence},
        "usage": {**_usage(identity), "output_tokens": identity.usage.completion},
    }
    yield Chunk(_named(ending), end)
    yield Chunk(_named({"type": "message_stop"}), end)


def _text(draft: Draft, tempo: Tempo) -> Iterator[Chunk]:
    if not draft.pieces:
        return
    first, end = tempo.at(1), tempo.at(len(draft.pieces))
    yield Chunk(_start(0, {"type": "text", "text": ""}), first)
    yield Chunk(_named({"type": "ping"}), first)
    chunks = chunks_of(_text_deltas(draft), tempo.moments(1, len(draft.pieces)))
    # The beginning of a character that the next token completes is an empty piece.
    yield from itertools.compress(chunks, draft.pieces) if draft.escapable else chunks
    yield Chunk(_named({"type": "content_block_stop", "index": 0}), end)


def _text_deltas(draft: Draft) -> Iterator[bytes]:
    """The events of a text's tokens, which are most of what is ever streamed."""
    head, end = _TEXT_HEAD, '"}}\n\n'
    if not draft.escapable:
        return (f"{head}{piece}{end}".encode() for piece in draft.pieces)
    return (f"{head}{encode(piece)[1:-1].decode()}{end}".encode() for piece in draft.pieces)


def _calls(identity: MessageIdentity, draft: Draft, tempo: Tempo) -> Iterator[Chunk]:
    done = 0
    for index, call in enumerate(draft.calls):
        yield Chunk(_start(index, _call(call, identity.call_ids[index], {})), tempo.at(done + 1))
        done += call.tokens - len(call.pieces)
        for piece in call.pieces:
            done += 1
            if piece:
                delta = b'{"type":"input_json_delta","partial_json":' + encode(piece) + b"}"
                yield Chunk(_delta(index, delta), tempo.at(done))
        yield Chunk(_named({"type": "content_block_stop", "index": index}), tempo.at(done))


def _start(index: int, block: dict[str, object]) -> bytes:
    return _named({"type": "content_block_start", "index": index, "content_block": block})


def _delta(index: int, delta: bytes) -> bytes:
    data = b'{"type":"content_block_delta","index":%d,"delta":%s}' % (index, delta)
    return event(data, "content_block_delta")
