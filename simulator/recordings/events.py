"""Server-sent events: cutting a stream into them, and their written form in a recording."""

import re

import msgspec

from simulator.recordings.exchange import Milliseconds, Piece

_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_USUAL = re.compile(r"(?:event: ([^\r\n]*)\n)?data: ([^\r\n]*)\n\n")


class Event(msgspec.Struct, omit_defaults=True):
    """One event, `t_ms` milliseconds after the request's arrival.

    `data` is JSON, or a string that stands for itself; an event that `event` and `data` cannot give
    back byte for byte is `raw` text, or `base64`.
    """

    t_ms: Milliseconds
    event: str | None = None
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    raw: str | None = None
    base64: bytes | None = None


class EventSplitter:
    """Cuts the pieces of a stream, as they come, at the ends of its events."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The events that are complete with this piece."""
        start, begin = 0, 0
        if self._rest:
            # An event's end may be split over two pieces: the search starts three bytes before the new
            # one. What is left of them all is copied once, when its end has come.
            start = max(0, len(self._rest) - 3)
            self._rest += data
            if not _END.search(self._rest, start):
                return []
            data = bytes(self._rest)
        events: list[bytes] = []
        while found := _END.search(data, start):
            events.append(data[begin : found.end()])
            begin = start = found.end()
        self._rest = bytearray(data[begin:])
        return events

    def rest(self) -> bytes:
        """The bytes after the last complete event."""
        return bytes(self._rest)


def encode(piece: Piece) -> Event:
    """The event as a recording holds it."""
    try:
        text = piece.data.decode()
    except UnicodeDecodeError:
        return Event(t_ms=piece.t_ms, base64=piece.data)
    found = _USUAL.fullmatch(text)
    if found is None:
        return Event(t_ms=piece.t_ms, raw=text)
    event, data = found.groups()
    return Event(t_ms=piece.t_ms, event=event, data=_data(data))


def decode(event: Event) -> Piece:
    """The event as it goes over the wire; `ValueError` if it says nothing or too much."""
    given = (event.data is not msgspec.UNSET, event.raw is not None, event.base64 is not None)
    if given.count(True) != 1:
        raise ValueError("an event needs exactly one of data, raw and base64")
    if event.base64 is not None:
        return Piece(event.base64, event.t_ms)
    if event.raw is not None:
        return Piece(event.raw.encode(), event.t_ms)
    head = f"event: {event.event}\n" if event.event is not None else ""
    lines = "".join(f"data: {line}\n" for line in _text(event.data).split("\n"))
    return Piece(f"{head}{lines}\n".encode(), event.t_ms)


def _data(text: str) -> msgspec.Raw:
    if is_compact(text.encode()):
        return msgspec.Raw(text.encode())
    return msgspec.Raw(msgspec.json.encode(text))


def _text(data: msgspec.Raw | msgspec.UnsetType) -> str:
    raw = bytes(data) if isinstance(data, msgspec.Raw) else b""
    if raw.startswith(b'"'):
        return msgspec.json.decode(raw, type=str)
    return msgspec.json.format(raw, indent=-1).decode()


def is_compact(text: bytes) -> bool:
    """Return True if it is a JSON object or array that is written without spaces."""
    if text[:1] not in (b"{", b"["):
        return False
    try:
        msgspec.json.decode(text)
        return msgspec.json.format(text, indent=-1) == text
    except (ValueError, RecursionError):
        return False
