"""Pacing: when the chunks of an answer leave."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Protocol, cast

from simulator.concurrency import Ending, close
from simulator.latency import Clock
from simulator.messages import Answer, Chunk

# Chunks of a very large stream that are made in one go: about 0.2 ms of work.
_BATCH = 256

Until = Callable[[float], Awaitable[None]]
"""Waits until the clock has reached a moment; for one that has passed, others have their turn."""
Write = Callable[[bytes], bool]
"""Writes a piece; returns False if there is no room for the next one yet."""
Push = Callable[[Write], Awaitable[bool]]
"""Writes the pieces of a body as they are due, until all are written (True) or there is no room for the
next (False)."""


class Calls(Protocol):
    """Calls functions at moments, as `Ticker` does."""

    def call(self, moment: float, function: Callable[[], None]) -> int: ...

    def leave(self, at: int, function: Callable[[], None]) -> None: ...


def push_of(body: object) -> Push | None:
    """Return what writes a body without waking a task for each piece, if it can be written so."""
    push: Push | None = getattr(body, "push", None)
    return push


class Made(Protocol):
    """Chunks that are made when they are taken: their moments and their data are had without them."""

    moments: Sequence[float]

    def data(self, index: int) -> bytes: ...


class Pacer:
    """Lets the chunks of an answer out at their moments, counted from the request's arrival.

    Chunks that are due already leave together, in one write: at no latency a stream costs as much as
    a plain answer. Who takes the pieces slowly gets what was due meanwhile in one.
    """

    def __init__(self, clock: Clock, until: Until, calls: Calls | None = None) -> None:
        self.clock = clock
        self._until = until
        self._calls = calls

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
        if self._calls is None:
            body = _Paced(chunks, arrived, self.clock, self._until)
        else:
            body = _Pushed(chunks, arrived, self.clock, self._until, self._calls)
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
        made = _made_of(chunks)
        self._moments = [chunk.due for chunk in chunks] if made is None else made.moments
        self._made = made
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
        return self._taken(end)

    def _taken(self, end: int) -> bytes:
        start, self._left = self._left, end
        if end == start + 1:
            made = self._made
            return self._chunks[start].data if made is None else made.data(start)
        return _joined(self._chunks[start:end])

    async def _wait(self) -> int:
        """Wait until the next chunk is due; return how many chunks are due by then."""
        moments, index = self._moments, self._left
        due = moments[index]
        elapsed = self._clock() - self._arrived
        if due > elapsed:
            await self._until(self._arrived + due)
            elapsed = max(self._clock() - self._arrived, due)
        index += 1
        while index < len(moments) and moments[index] <= elapsed:
            index += 1
        return index


class _Pushed(_Paced):
    """Pieces for a server that can write them at once: the ticker itself has each of them written, so
    that no task is woken for it."""

    def __init__(
        self,
        chunks: tuple[Chunk, ...],
        arrived: float,
        clock: Clock,
        until: Until,
        calls: Calls,
    ) -> None:
        super().__init__(chunks, arrived, clock, until)
        self._calls = calls
        self._at = 0

    async def push(self, write: Write) -> bool:
        """Write the pieces: see `Push`."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def turn() -> None:
            if done.done():  # cancelled in the same turn of the loop
                return
            try:
                room = self._write_due(write)
                if self._left == len(self._chunks) or not room:
                    done.set_result(self._left == len(self._chunks))
                else:
                    moment = self._arrived + self._moments[self._left]
                    self._at = self._calls.call(moment, turn)
            except Exception as error:  # noqa: BLE001 - it is for who waits, not for the ticker
                done.set_exception(error)

        turn()
        try:
            return await done
        except asyncio.CancelledError:
            self._calls.leave(self._at, turn)
            raise

    def _write_due(self, write: Write) -> bool:
        """Write what is due; return False if there is no room for more."""
        moments, end, arrived = self._moments, self._left, self._arrived
        now = self._clock()
        # The sum is the moment that the ticker was given; a difference may be a rounding less.
        while end < len(moments) and arrived + moments[end] <= now:
            end += 1
        return end == self._left or write(self._taken(end))


async def whole_body(answer: Answer) -> bytes:
    """Return all of an answer's body, without waiting for the moments of its chunks."""
    chunks = answer.chunks
    if isinstance(chunks, AsyncIterator):
        return b"".join([chunk.data async for chunk in chunks])
    return b"".join([chunk.data for chunk in chunks])


def _made_of(chunks: tuple[Chunk, ...]) -> Made | None:
    return cast("Made", chunks) if hasattr(chunks, "moments") else None


def _joined(chunks: tuple[Chunk, ...]) -> bytes:
    return b"".join([chunk.data for chunk in chunks])
