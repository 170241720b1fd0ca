"""Pacing: when the chunks of an answer leave."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from simulator.concurrency import Ending, close
from simulator.latency import Clock
from simulator.messages import Answer, Chunk

# Chunks of a very large stream that are made in one go: about 0.2 ms of work.
_BATCH = 256

Until = Callable[[float], Awaitable[None]]
"""Waits until the clock has reached a moment; for one that has passed, others have their turn."""


class Pacer:
    """Lets the chunks of an answer out at their moments, counted from the request's arrival.

    Chunks that are due already leave together, in one write: at no latency a stream costs as much as
    a plain answer. Who takes the pieces slowly gets what was due meanwhile in one.
    """

    def __init__(self, clock: Clock, until: Until) -> None:
        self.clock = clock
        self._until = until

    async def pace(self, answer: Answer, arrived: float) -> bytes | AsyncIterator[bytes]:
        """The body. It is waited for until its first chunk is due, for the real service sends no
        headers before that either."""
        chunks = answer.chunks
        if isinstance(chunks, AsyncIterator):
            # A client that leaves must free the upstream at once, whether it has read or not.
            pieces = (chunk.data async for chunk in chunks)
            return Ending(pieces, lambda: close(chunks))
        if not isinstance(chunks, tuple):
            return self._made_on_the_way(chunks, arrived)
        if not chunks or chunks[-1].due <= 0.0:
            return chunks[0].data if len(chunks) == 1 else _joined(chunks)
        body = _Paced(chunks, arrived, self.clock, self._until)
        return await body.whole() or body

    async def _made_on_the_way(
        self, chunks: Iterator[Chunk], arrived: float
    ) -> AsyncIterator[bytes]:
        while batch := tuple(itertools.islice(chunks, _BATCH)):
            async for piece in _Paced(batch, arrived, self.clock, self._until):
                yield piece
            # Others have their turn although nothing of this stream had to be waited for.
            await self._until(arrived)


class _Paced:
    """The pieces of a body: each is what is due by then."""

    def __init__(
        self, chunks: tuple[Chunk, ...], arrived: float, clock: Clock, until: Until
    ) -> None:
        self._chunks = chunks
        self._arrived = arrived
        self._clock = clock
        self._until = until
        self._left = self._ready = 0

    async def whole(self) -> bytes | None:
        """Wait for the first chunk; return all if all is due by then."""
        self._ready = await self._wait()
        return _joined(self._chunks) if self._ready == len(self._chunks) else None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._left == len(self._chunks):
            raise StopAsyncIteration
        start = self._left
        end = self._ready if self._ready > start else await self._wait()
        self._left = end
        if end == start + 1:
            return self._chunks[start].data
        return _joined(self._chunks[start:end])

    async def _wait(self) -> int:
        """Wait until the next chunk is due; return how many chunks are due by then."""
        chunks, index = self._chunks, self._left
        due = chunks[index].due
        elapsed = self._clock() - self._arrived
        if due > elapsed:
            await self._until(self._arrived + due)
            elapsed = max(self._clock() - self._arrived, due)
        index += 1
        while index < len(chunks) and chunks[index].due <= elapsed:
            index += 1
        return index


async def whole_body(answer: Answer) -> bytes:
    """Return all of an answer's body, without waiting for the moments of its chunks."""
    chunks = answer.chunks
    if isinstance(chunks, AsyncIterator):
        return b"".join([chunk.data async for chunk in chunks])
    return b"".join([chunk.data for chunk in chunks])


def _joined(chunks: tuple[Chunk, ...]) -> bytes:
    return b"".join([chunk.data for chunk in chunks])
