"""Pacing: when the chunks of an answer leave."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, AsyncIterator, Iterator

from simulator.latency import Clock, Sleep
from simulator.messages import Answer, Chunk

# Chunks of a very large stream that are made in one go: about 0.2 ms of work.
_BATCH = 256


class Pacer:
    """Lets the chunks of an answer out at their moments, counted from the request's arrival.

    Chunks that are due already leave together, in one write: at no latency a stream costs as much as
    a plain answer.
    """

    def __init__(self, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep

    async def pace(self, answer: Answer, arrived: float) -> bytes | AsyncIterator[bytes]:
        """The body. It is waited for until its first chunk is due, for the real service sends no
        headers before that either."""
        chunks = answer.chunks
        if isinstance(chunks, AsyncIterator):
            return _pieces(chunks)
        if not isinstance(chunks, tuple):
            return self._made_on_the_way(chunks, arrived)
        ready = await self._wait_for(chunks, 0, arrived)
        if ready == len(chunks):
            return chunks[0].data if ready == 1 else b"".join([chunk.data for chunk in chunks])
        return self._rest(chunks, ready, arrived)

    async def _rest(
        self, chunks: tuple[Chunk, ...], ready: int, arrived: float
    ) -> AsyncIterator[bytes]:
        start = 0
        while True:
            yield b"".join([chunk.data for chunk in chunks[start:ready]])
            if ready == len(chunks):
                return
            start, ready = ready, await self._wait_for(chunks, ready, arrived)

    async def _made_on_the_way(
        self, chunks: Iterator[Chunk], arrived: float
    ) -> AsyncIterator[bytes]:
        while batch := tuple(itertools.islice(chunks, _BATCH)):
            async for piece in self._rest(batch, await self._wait_for(batch, 0, arrived), arrived):
                yield piece
            # Others have their turn although nothing of this stream had to be waited for.
            await self._sleep(0)

    async def _wait_for(self, chunks: tuple[Chunk, ...], index: int, arrived: float) -> int:
        """Waits until the chunk is due; says how many chunks are due by then."""
        if not chunks:
            return 0
        if chunks[-1].due <= 0.0:
            return len(chunks)
        elapsed = self._clock() - arrived
        if chunks[index].due > elapsed:
            await self._sleep(chunks[index].due - elapsed)
            elapsed = max(self._clock() - arrived, chunks[index].due)
        while index < len(chunks) and chunks[index].due <= elapsed:
            index += 1
        return index


async def _pieces(chunks: AsyncIterator[Chunk]) -> AsyncIterator[bytes]:
    try:
        async for chunk in chunks:
            yield chunk.data
    finally:
        # A client that leaves must free the upstream at once, not when the garbage is collected.
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
