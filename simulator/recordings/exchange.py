"""One exchange: the request, and the answer with the moments of its chunks."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple, overload

from msgspec import Meta, Struct

from simulator.messages import Request, Usage

Milliseconds = Annotated[int, Meta(le=24 * 3_600_000)]
"""A time within an exchange as it is written, a day at most: who replays it waits for so long."""


class Piece(NamedTuple):
    """Bytes of an answer and the milliseconds after the request's arrival at which they came."""

    data: bytes
    t_ms: int


class Pieces(Sequence[Piece]):
    """The pieces of a stream in one: the bytes of all of them, and where and when each ends.

    Each is made when it is taken: of the many streams that are held, most are played as a whole.
    """

    __slots__ = ("_ends", "_moments", "body")

    def __init__(self, pieces: Iterable[Piece]) -> None:
        made = tuple(pieces)
        self.body = b"".join([piece.data for piece in made])
        self._ends = tuple(itertools.accumulate([len(piece.data) for piece in made]))
        self._moments = tuple([piece.t_ms for piece in made])

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int, /) -> Piece: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[Piece, ...]: ...
    def __getitem__(self, index: int | slice, /) -> Piece | tuple[Piece, ...]:
        return tuple(self)[index]

    def __iter__(self) -> Iterator[Piece]:
        start = 0
        for end, t_ms in zip(self._ends, self._moments, strict=True):
            yield Piece(self.body[start:end], t_ms)
            start = end

    def __reversed__(self) -> Iterator[Piece]:
        return reversed(tuple(self))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == (tuple(other) if isinstance(other, Pieces) else other)

    __hash__ = None  # type: ignore[assignment]


class Exchange(Struct, frozen=True, weakref=True):
    """A request and its answer: one piece, or one per event if it was `streamed`.

    `recorded_at` is ISO 8601 in UTC; `key` the fingerprint that it was recorded under.
    """

    request: Request
    status: int
    headers: Mapping[str, str]
    pieces: Sequence[Piece]
    duration_ms: int
    streamed: bool = False
    usage: Usage | None = None
    key: str = ""
    recorded_at: str = ""

    @property
    def body(self) -> bytes:
        pieces = self.pieces
        if isinstance(pieces, Pieces):
            return pieces.body
        return b"".join([piece.data for piece in pieces])
