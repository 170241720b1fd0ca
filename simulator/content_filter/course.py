"""The course of a filtered stream: events wait until it is known whether they stay."""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from simulator.content_filter.slots import Json
from simulator.content_filter.tally import Tally
from simulator.json_layout import without_angles
from simulator.messages import Chunk

_OBJECT = msgspec.json.Decoder(dict[str, object])
_DATA = b"data: "


class Course(Protocol):
    """Takes the chunks of a stream, and returns what leaves in their place."""

    tally: Tally

    def feed(self, chunk: Chunk) -> Iterable[Chunk]: ...

    def end(self) -> Iterable[Chunk]: ...


def read_event(data: bytes) -> Json | None:
    """The JSON of an event; None for one that has none."""
    _, mark, rest = data.partition(_DATA)
    if not mark or not rest.startswith(b"{"):
        return None
    try:
        return _OBJECT.decode(rest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def written(body: Json, name: str | None = None) -> bytes:
    """An event; those of chat, which have no name, have no angle brackets."""
    data = msgspec.json.encode(body)
    if name is None:
        return _DATA + without_angles(data) + b"\n\n"
    return b"event: " + name.encode() + b"\n" + _DATA + data + b"\n\n"


class Waiting(msgspec.Struct):
    """An event that waits; `start` and `end` are the places of its text among all of its kind."""

    chunk: Chunk
    body: Json | None = None
    start: int = 0
    end: int = 0


Queue = deque[Waiting]


class Dues:
    """The moments at which chunks leave: what follows a cut does not wait for what is not sent."""

    def __init__(self) -> None:
        self._newest = 0.0
        self.cut = False

    def of_text(self, chunk: Chunk, data: bytes | None = None) -> Chunk:
        self._newest = max(self._newest, chunk.due)
        return chunk if data is None else Chunk(data, chunk.due)

    def of_rest(self, chunk: Chunk, data: bytes | None = None) -> Chunk:
        due = min(chunk.due, self._newest) if self.cut else chunk.due
        return Chunk(chunk.data if data is None else data, due)


def through(course: Course, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
    for chunk in chunks:
        yield from course.feed(chunk)
    yield from course.end()
