"""A tee for streams from the upstream: passed to the client, and transcribed as they pass."""

import re
from collections.abc import AsyncGenerator, Awaitable, Callable

from simulator.messages import Chunk
from simulator.modes.in_flight import Land
from simulator.recordings.events import EventSplitter
from simulator.recordings.exchange import Piece
from simulator.upstream.client import UpstreamAnswer

Keep = Callable[[tuple[Piece, ...]], Awaitable[bool]]

_LAST = re.compile(
    rb"(?m)^(?:data: ?\[DONE\]|event: ?[\w.]+\.(?:completed|done|failed|incomplete))\r?$"
)
_ERROR = re.compile(rb'(?m)^(?:event: ?error\r?$|data: ?\{"error":)')


async def tee_stream(
    upstream: UpstreamAnswer, elapsed: Callable[[], float], keep: Keep, land: Land
) -> AsyncGenerator[Chunk]:
    """Passes each event on as it comes, but an event that may be the last one only when the next
    one has come or the exchange is stored: clients hang up after it.

    An exchange that is cut off, that the client leaves, or in which the upstream reports an error
    is not stored.
    """
    noted = _Transcript(elapsed)
    try:
        async for data in upstream.pieces:
            for chunk in noted.feed(data):
                yield chunk
        for chunk in noted.end():
            yield chunk
        if not noted.faulty and (upstream.framed or noted.held):
            land(await keep(tuple(noted.pieces)))
        for chunk in noted.held:
            yield chunk
    finally:
        upstream.close()
        land(False)


class _Transcript:
    """The events so far; of them `held` is not passed on yet, because it may be the last one.

    `faulty`: the upstream reports an error in one of them.
    """

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._splitter = EventSplitter()
        self.pieces: list[Piece] = []
        self.held: list[Chunk] = []
        self.faulty = False

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the chunks to be passed on after these bytes."""
        passed: list[Chunk] = []
        for event in self._splitter.feed(data):
            passed += self.held
            chunk = self._note(event)
            self.held = [chunk] if _LAST.search(event) else []
            if not self.held:
                passed.append(chunk)
        return passed

    def end(self) -> list[Chunk]:
        """Return the chunks that remain when no more bytes come."""
        rest = self._splitter.rest()
        if not rest:
            return []
        passed, self.held = [*self.held, self._note(rest)], []
        return passed

    def _note(self, event: bytes) -> Chunk:
        due = self._elapsed()
        self.pieces.append(Piece(event, round(due * 1000)))
        self.faulty = self.faulty or _ERROR.search(event) is not None
        return Chunk(event, due)
