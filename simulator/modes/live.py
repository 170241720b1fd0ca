"""A stream on its way from the upstream to the client, noted down as it passes."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable

from simulator.messages import Chunk
from simulator.modes.under_way import Land
from simulator.recordings.events import EventSplitter
from simulator.recordings.exchange import Piece
from simulator.upstream import UpstreamAnswer

Keep = Callable[[tuple[Piece, ...]], Awaitable[bool]]

_LAST = re.compile(
    rb"(?m)^(?:data: ?\[DONE\]|event: ?[\w.]+\.(?:completed|done|failed|incomplete))\r?$"
)
_ERROR = re.compile(rb'(?m)^(?:event: ?error\r?$|data: ?\{"error":)')


async def live(
    upstream: UpstreamAnswer, elapsed: Callable[[], float], keep: Keep, land: Land
) -> AsyncGenerator[Chunk]:
    """Passes each event on as it comes, but an event that may be the last one only when the next
    one has come or the exchange is stored: clients hang up after it.

    An exchange that is cut off, that the client leaves, or in which the upstream reports an error
    is not stored.
    """
    noted = _Noted(elapsed)
    held: list[Chunk] = []
    try:
        async for data in upstream.pieces:
            for chunk in noted.feed(data):
                for earlier in held:
                    yield earlier
                held = [chunk] if _LAST.search(chunk.data) else []
                if not held:
                    yield chunk
        for chunk in noted.end():
            for earlier in held:
                yield earlier
            held = []
            yield chunk
        if not noted.faulty and (upstream.framed or held):
            land(await keep(noted.pieces))
        for chunk in held:
            yield chunk
    finally:
        upstream.close()
        land(False)


class _Noted:
    """The events so far; `faulty` if the upstream reports an error in one of them."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._splitter = EventSplitter()
        self._pieces: list[Piece] = []
        self.faulty = False

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(self._pieces)

    def feed(self, data: bytes) -> list[Chunk]:
        return [self._note(event) for event in self._splitter.feed(data)]

    def end(self) -> list[Chunk]:
        rest = self._splitter.rest()
        return [self._note(rest)] if rest else []

    def _note(self, event: bytes) -> Chunk:
        due = self._elapsed()
        self._pieces.append(Piece(event, round(due * 1000)))
        self.faulty = self.faulty or _ERROR.search(event) is not None
        return Chunk(event, due)
