"""The bytes of messages, plain and streamed (Anthropic's pages on messages and on streaming)."""

import itertools
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from simulator.latency import Tempo
from simulator.messages import Chunk, Usage, chunks_of
from simulator.operations.anthropic.prompt import Lifetime
from simulator.operations.anthropic.thinking import Thought
from simulator.synthesis.call_drafts import CallDraft
from simulator.synthesis.drafts import Draft
from simulator.wire.sse import event

encode = msgspec.json.encode
_DELTA_HEAD = (
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":'
    '{"type":"%s_delta","%s":"'
)


class MessageIdentity(Struct, frozen=True):
    """The members that every part of one message shares, and how it ends."""

    id: str
    model: str
    usage: Usage
    stop_reason: str
    stop_sequence: str | None
    call_ids: Sequence[str] = ()
    lifetime: Lifetime = "5m"
    """The time for which what is written to the cache is stored."""
    thought: Thought | None = None

    @property
    def thinking(self) -> int:
        """The tokens of its thinking."""
        return self.thought.tokens if self.thought else 0

    @property
    def written(self) -> int:
        """The tokens of the prompt that are cached from now on."""
        return self.usage.written or 0


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
            "ephemeral_5m_input_tokens": identity.written if identity.lifetime == "5m" else 0,
            "ephemeral_1h_input_tokens": identity.written if identity.lifetime == "1h" else 0,
        },
        "output_tokens": output,
        **_details(identity),
        "service_tier": "standard",
    }


def _details(identity: MessageIdentity) -> dict[str, object]:
    thinking = identity.thinking
    return {"output_tokens_details": {"thinking_tokens": thinking}} if thinking else {}


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
    thought = identity.thought
    before = [_thought(thought, "".join(thought.pieces), thought.signature)] if thought else []
    if not draft.calls:
        return [*before, *([{"type": "text", "text": draft.text}] if draft.text else ())]
    return [*before, *_called(identity, draft)]


def _thought(thought: Thought, text: str, signature: str) -> dict[str, object]:
    if thought.redacted:
        return {"type": "redacted_thinking", "data": thought.signature}
    return {"type": "thinking", "thinking": text, "signature": signature}


def _called(identity: MessageIdentity, draft: Draft) -> list[dict[str, object]]:
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
    if identity.thought:
        yield from _thinking(identity.thought, tempo)
    yield from (_calls if draft.calls else _text)(identity, draft, tempo)
    end = tempo.at(max(1, identity.thinking + draft.tokens))
    ending: dict[str, object] = {
        "type": "message_delta",
        "delta": {"stop_reason": identity.stop_reason, "stop_sequence": identity.stop_sequence},
        "usage": {
            **_usage(identity),
            "output_tokens": identity.usage.completion,
            **_details(identity),
        },
    }
    yield Chunk(_named(ending), end)
    yield Chunk(_named({"type": "message_stop"}), end)


def _thinking(thought: Thought, tempo: Tempo) -> Iterator[Chunk]:
    """The events of thinking; what is not shown of it takes its time nevertheless."""
    first, end = tempo.at(1), tempo.at(thought.tokens)
    yield Chunk(_start(0, _thought(thought, "", "")), first)
    yield Chunk(_named({"type": "ping"}), first)
    if not thought.redacted:
        deltas = _deltas(0, "thinking", thought.pieces, escapable=False)
        yield from chunks_of(deltas, tempo.moments(1, len(thought.pieces)))
        signature = {"type": "signature_delta", "signature": thought.signature}
        yield Chunk(_delta(0, encode(signature)), end)
    yield Chunk(_named({"type": "content_block_stop", "index": 0}), end)


def _text(identity: MessageIdentity, draft: Draft, tempo: Tempo) -> Iterator[Chunk]:
    if not draft.pieces:
        return
    index, before = int(identity.thought is not None), identity.thinking
    first, end = tempo.at(before + 1), tempo.at(before + len(draft.pieces))
    yield Chunk(_start(index, {"type": "text", "text": ""}), first)
    if not index:
        yield Chunk(_named({"type": "ping"}), first)
    deltas = _deltas(index, "text", draft.pieces, escapable=draft.escapable)
    chunks = chunks_of(deltas, tempo.moments(before + 1, len(draft.pieces)))
    # The beginning of a character that the next token completes is an empty piece.
    yield from itertools.compress(chunks, draft.pieces) if draft.escapable else chunks
    yield Chunk(_named({"type": "content_block_stop", "index": index}), end)


def _deltas(index: int, kind: str, pieces: Sequence[str], *, escapable: bool) -> Iterator[bytes]:
    """The events of a text's tokens, which are most of what is ever streamed."""
    head, end = _DELTA_HEAD % (index, kind, kind), '"}}\n\n'
    if not escapable:
        return (f"{head}{piece}{end}".encode() for piece in pieces)
    return (f"{head}{encode(piece)[1:-1].decode()}{end}".encode() for piece in pieces)


def _calls(identity: MessageIdentity, draft: Draft, tempo: Tempo) -> Iterator[Chunk]:
    done = identity.thinking
    for number, call in enumerate(draft.calls):
        index = number + int(identity.thought is not None)
        yield Chunk(_start(index, _call(call, identity.call_ids[number], {})), tempo.at(done + 1))
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
