"""The written form of a body in a recording: the first of JSON, text and base64 that loses no byte."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from simulator.recordings import events
from simulator.recordings.events import Event
from simulator.recordings.exchange import Piece, Pieces

Layout = Literal["compact", "spaced", "indented"]
_INDENTS: dict[Layout, int] = {"compact": -1, "spaced": 0, "indented": 2}

# Room for the levels of the recording around a body: what only just nests must still be readable in it.
_ROOM = 8


class Body(msgspec.Struct, omit_defaults=True):
    """Exactly one of `json`, `text`, `base64`, `file` (a name beside the recording) and `sse`.

    `layout` and `end` say how `json` is written: compact, or as Azure writes embeddings (indented),
    and often with a newline at the end.
    """

    json: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    layout: Layout = "compact"
    end: str = ""
    text: str | None = None
    base64: bytes | None = None
    file: str | None = None
    sse: list[Event] | None = None


def encode(data: bytes) -> Body:
    """A whole body as a recording holds it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return Body(base64=data)
    return _json(data) or Body(text=text)


def encode_stream(pieces: Sequence[Piece]) -> Body:
    return Body(sse=[events.encode(piece) for piece in pieces])


def decode(body: Body, duration_ms: int, attached: bytes | None) -> Sequence[Piece]:
    """The body as it goes over the wire; `attached` is what the file holds.

    Raises `ValueError` (a `msgspec.DecodeError` is one) if the written form is broken.
    """
    forms = (body.json is not msgspec.UNSET, body.text is not None, body.base64 is not None)
    if (*forms, body.file is not None, body.sse is not None).count(True) != 1:
        raise ValueError("a body needs exactly one of json, text, base64, file and sse")
    if body.sse is not None:
        return Pieces(events.decode(event) for event in body.sse)
    return (Piece(_whole(body, attached), duration_ms),)


def _whole(body: Body, attached: bytes | None) -> bytes:
    if body.file is not None:
        if attached is None:
            raise ValueError(f"the file {body.file} beside it is missing")
        return attached
    if body.base64 is not None:
        return body.base64
    if body.text is not None:
        return body.text.encode()
    raw = bytes(body.json) if isinstance(body.json, msgspec.Raw) else b""
    return msgspec.json.format(raw, indent=_INDENTS[body.layout]) + body.end.encode()


def _json(data: bytes) -> Body | None:
    end = "\n" if data.endswith(b"\n") else ""
    core = data[: len(data) - len(end)]
    if core[:1] not in (b"{", b"["):
        return None
    try:
        msgspec.json.decode(b"[" * _ROOM + core + b"]" * _ROOM)
        for layout, indent in _INDENTS.items():
            if msgspec.json.format(core, indent=indent) == core:
                return Body(json=msgspec.Raw(core), layout=layout, end=end)
    except (ValueError, RecursionError):  # not JSON, or not JSON that can be written again
        return None
    return None


def is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
