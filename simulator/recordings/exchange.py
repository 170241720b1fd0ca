"""One exchange: the request, and the answer with the moments of its chunks."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from simulator.messages import Request, Usage

Milliseconds = Annotated[int, Meta(le=24 * 3_600_000)]
"""A time within an exchange as it is written, a day at most: who replays it waits for so long."""


class Piece(NamedTuple):
    """Bytes of an answer and the milliseconds after the request's arrival at which they came."""

    data: bytes
    t_ms: int


class Exchange(Struct, frozen=True):
    """A request and its answer: one piece, or one per event if it was `streamed`.

    `recorded_at` is ISO 8601 in UTC; `key` the fingerprint that it was recorded under.
    """

    request: Request
    status: int
    headers: Mapping[str, str]
    pieces: tuple[Piece, ...]
    duration_ms: int
    streamed: bool = False
    usage: Usage | None = None
    key: str = ""
    recorded_at: str = ""

    @property
    def body(self) -> bytes:
        return b"".join([piece.data for piece in self.pieces])
