"""The events of a stream that waits, without what they have in common: most of each is the same."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Self, SupportsIndex, cast, overload

from msgspec import structs

from simulator.messages import Answer, Chunk, chunks_of

FEWEST = 8
"""Chunks from which it pays."""
GAP = "\0"
"""Stands in the rest of an event for what events share in their middle."""
_GAP, _QUOTE = GAP.encode(), b'"'


class Frame(NamedTuple):
    """The parts that most events share: the beginning, one within, and the end."""

    head: bytes
    middle: bytes
    tail: bytes

    def rests_of(self, events: Sequence[bytes]) -> Iterator[bytes]:
        """Yield what each event alone has, with a zero byte in place of the middle; all of one that is of
        another kind.
        """
        head, middle, tail = self
        start, end = len(head), -len(tail) or None
        least = len(head) + len(tail)
        for event in events:
            if event.startswith(head) and event.endswith(tail) and len(event) >= least:
                rest = event[start:end].replace(middle, _GAP, 1)
                yield rest if _GAP in rest else event
            else:
                yield event


class PackedChunks(tuple[Chunk, ...]):  # noqa: SLOT001  # a tuple has no room for slots
    """Chunks that are made when they are taken; a tuple, so that it can stand wherever one does.

    An event of a chat's stream has 650 bytes, of which 20 are its own.
    """

    moments: "array[float]"
    _frame: Frame

    def __new__(cls, rests: Iterable[bytes], frame: Frame, moments: Iterable[float]) -> Self:
        packed = super().__new__(cls, cast("Iterable[Chunk]", rests))
        packed.moments = array("d", moments)
        packed._frame = frame
        return packed

    @property
    def size(self) -> int:
        """The bytes that are held."""
        return sum([len(rest) for rest in cast("Iterator[bytes]", super().__iter__())])

    def data(self) -> Iterator[bytes]:
        """Yield the data of the chunks, in the shortest way: each event that leaves is taken so."""
        return self._events(super().__iter__())

    def _events(self, rests: Iterable[object]) -> Iterator[bytes]:
        head, middle, tail = self._frame
        for rest in cast("Iterable[bytes]", rests):
            if _GAP in rest:
                yield b"".join((head, rest.replace(_GAP, middle, 1), tail))
            else:
                yield rest

    def __iter__(self) -> Iterator[Chunk]:
        return chunks_of(self.data(), self.moments)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Chunk: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[Chunk, ...]: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> Chunk | tuple[Chunk, ...]:
        if isinstance(index, slice):
            events = self._events(super().__getitem__(index))
            return tuple(chunks_of(events, self.moments[index]))
        data = next(self._events((super().__getitem__(index),)))
        return Chunk(data, self.moments[index])


def packed(answer: Answer) -> Answer:
    """The answer, its chunks packed if it is a stream of many that wait for their moments."""
    chunks = answer.chunks
    if not answer.streamed or not isinstance(chunks, tuple) or len(chunks) < FEWEST:
        return answer
    if isinstance(chunks, PackedChunks):
        return answer
    if chunks[-1].due <= chunks[0].due:
        return answer
    events = [chunk.data for chunk in chunks]
    # The first and the last events are of other kinds.
    frame = _frame_of(events[len(events) // 3], events[2 * len(events) // 3])
    whole = b"".join(events)
    if frame is None or _GAP in whole:
        return answer
    made = PackedChunks(frame.rests_of(events), frame, [chunk.due for chunk in chunks])
    return structs.replace(answer, chunks=made) if 2 * made.size < len(whole) else answer


def _frame_of(one: bytes, other: bytes) -> Frame | None:
    """Return what both have in common, cut where texts begin and end; None if their kinds differ."""
    head = one[: _alike(one, other)]
    head = head[: head.rfind(_QUOTE) + 1]
    one, other = one[len(head) :], other[len(head) :]
    tail = one[len(one) - _alike(one[::-1], other[::-1]) :]
    tail = tail[tail.find(_QUOTE) :] if _QUOTE in tail else b""
    one, other = one[: len(one) - len(tail)], other[: len(other) - len(tail)]
    for first, second in ((one, other), (other, one)):
        middle = first[first.find(_QUOTE) : first.rfind(_QUOTE) + 1] if _QUOTE in first else b""
        if middle in second:  # a quotation mark in a text would be taken for its end
            return Frame(head, middle, tail)
    return None


def _alike(one: bytes, other: bytes) -> int:
    """Return how many bytes at the beginning are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
