"""Faults of bodies that are not streams of events: JSON, texts, and files such as sound."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from simulator.json_layout import laid_out_like
from simulator.messages import Chunk

MESSAGE = (
    "The server had an error processing your request. Sorry about that! You can retry your request, "
    "or contact us through an Azure support request at: "
    "https://go.microsoft.com/fwlink/?linkid=2213926 if you keep seeing this error."
)
ERROR = {"message": MESSAGE, "type": "server_error", "param": None, "code": "server_error"}
ERROR_BODY = msgspec.json.encode({"error": ERROR})
OVERLOADED_BODY = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
"""An error of Claude (Anthropic's page on errors)."""
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])

_INVERTED = bytes(255 - byte for byte in range(256))


def whole(chunks: Sequence[Chunk], change: Callable[[bytes], bytes]) -> tuple[Chunk, ...]:
    """The changed body in one chunk, which is due when all of it is."""
    body = b"".join([chunk.data for chunk in chunks])
    return (Chunk(change(body), chunks[-1].due if chunks else 0.0),)


def later(chunks: Sequence[Chunk], seconds: float) -> Iterator[Chunk]:
    """The chunks, all of them later."""
    return (Chunk(data, due + seconds) for data, due in chunks)


def first_half(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks of the first half of a body."""
    left = sum(len(chunk.data) for chunk in chunks) // 2
    kept: list[Chunk] = []
    for data, due in chunks:
        if left <= 0:
            break
        kept.append(Chunk(data[:left], due))
        left -= len(data)
    return kept


def second_half(chunks: Sequence[Chunk]) -> list[Chunk]:
    """The chunks of what `first_half` leaves."""
    passed = sum(len(chunk.data) for chunk in chunks) // 2
    left: list[Chunk] = []
    for data, due in chunks:
        if len(data) > passed:
            left.append(Chunk(data[max(0, passed) :], due))
        passed -= len(data)
    return left


def error_body(body: bytes) -> bytes:
    """An error in place of the body, in the shape of the API that made it."""
    members = members_of(body) or {}
    return OVERLOADED_BODY if members.get("type") == msgspec.Raw(b'"message"') else ERROR_BODY


def malformed(body: bytes) -> bytes:
    """JSON without its last bracket; of anything else all bits, inverted, which is no file and no text."""
    if body[:1] in (b"{", b"["):
        return body.rstrip()[:-1]
    return body.translate(_INVERTED)


def without_usage(body: bytes) -> bytes:
    members = members_of(body)
    if members is None or "usage" not in members:
        return body
    del members["usage"]
    return laid_out_like(body, members)


FAILED: Mapping[str, object] = {
    "status": "failed",
    "error": {"code": "server_error", "message": MESSAGE},
    "output": [],
    "usage": None,
}
"""The members that differ in a response that failed."""


def failed(body: bytes) -> bytes | None:
    """A response as one that failed; None for a body that is none."""
    members = members_of(body)
    if members is None or members.get("object") != msgspec.Raw(b'"response"'):
        return None
    return laid_out_like(body, {**members, **FAILED})


def is_queued(body: bytes) -> bool:
    """Return True for a response in the background that has not begun."""
    return (members_of(body) or {}).get("status") == msgspec.Raw(b'"queued"')


def members_of(body: bytes) -> dict[str, msgspec.Raw] | None:
    """The members of a JSON object; None for what is none."""
    try:
        return _MEMBERS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
