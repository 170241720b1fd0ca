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
Turn = Callable[[float], float | None]
"""Takes a turn at the time that it is given; returns the moment of the next one, if there is one."""


class Turns(Protocol):
    """Gives turns at moments, as `Ticker` does."""

    def call(self, moment: float, turn: Turn) -> None: ...

    def leave(self, moment: float, turn: Turn) -> None: ...


class Pushed(Protocol):
    """The body of an answer that is here whole: a server may have it written without waking a task for each
    piece."""

    @property
    def left(self) -> int:
        """The number of the answer's chunks that have left."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def __anext__(self) -> bytes: ...

    async def push(self, write: Write) -> bool:
        """Write the pieces as they are due, until all are written (True) or there is no room for the
        next (False)."""
        ...


def pushed(body: object) -> Pushed | None:
    """Return the body if it can be pushed."""
    return cast("Pushed", body) if hasattr(body, "push") else None


def ended(body: AsyncIterator[bytes], at_end: Callable[[], Awaitable[None]]) -> Ending[bytes]:
    """Return the body with an end: see `Ending`. It is pushed if the body can be."""
    whole = pushed(body)
    return Ending(body, at_end) if whole is None else _PushedEnding(whole, at_end)


class _PushedEnding(Ending[bytes]):
    def __init__(self, body: Pushed, at_end: Callable[[], Awaitable[None]]) -> None:
        super().__init__(body, at_end)
        self._body = body

    @property
    def left(self) -> int:
        return self._body.left

    async def push(self, write: Write) -> bool:
        try:
            whole = await self._body.push(write)
        except BaseException:
            await self.aclose()
            raise
        if whole:
            await self.aclose()
        return whole


class Made(Protocol):
    """Chunks that are made when they are taken: their moments and their data are had without them."""

    moments: Sequence[float]

    def data(self) -> Iterator[bytes]: ...


class Pacer:
    """Lets the chunks of an answer out at their moments, counted from the request's arrival.

    Chunks that are due already leave together, in one write: at no latency a stream costs as much as
    a plain answer. Who takes the pieces slowly gets what was due meanwhile in one.
    """

    def __init__(self, clock: Clock, until: Until, turns: Turns | None = None) -> None:
        self.clock = clock
        self._until = until
        self._turns = turns

    async def pace(self, answer: Answer, arrived: float) -> bytes | AsyncIterator[bytes]:
        """The body. It is waited for until its first chunk is due, for the real service sends no
        headers before that either."""
        chunks = answer.chunks
        if not isinstance(chunks, tuple):
            return self._on_the_way(chunks, arrived)
        if not chunks or chunks[-1].due <= 0.0:
            return chunks[0].data if len(chunks) == 1 else _joined(chunks)
        if self._turns is None:
            body = _Paced(chunks, arrived, self.clock, self._until)
        else:
            body = _Pushed(chunks, arrived, self.clock, self._until, self._turns)
        whole = await body.whole()
        return body if whole is None else whole  # which may be empty

    def _on_the_way(
        self, chunks: Iterator[Chunk] | AsyncIterator[Chunk], arrived: float
    ) -> AsyncIterator[bytes]:
        if isinstance(chunks, AsyncIterator):
            # A client that leaves must free the upstream at once, whether it has read or not.
            pieces = (chunk.data async for chunk in chunks)
            return Ending(pieces, lambda: close(chunks))
        return self._made_on_the_way(chunks, arrived)

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
        self._moments, self._data = _apart(chunks)
        self._arrived = arrived
        self._clock = clock
        self._until = until
        self.left = self._ready = 0

    async def whole(self) -> bytes | None:
        """Wait for the first chunk; return all if all is due by then."""
        self._ready = await self._wait()
        return b"".join(self._data) if self._ready == len(self._moments) else None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self.left == len(self._moments):
            raise StopAsyncIteration
        end = self._ready if self._ready > self.left else await self._wait()
        count, self.left = end - self.left, end
        return b"".join(itertools.islice(self._data, count))

    async def _wait(self) -> int:
        """Wait until the next chunk is due; return how many chunks are due by then."""
        moments, index = self._moments, self.left
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
        turns: Turns,
    ) -> None:
        super().__init__(chunks, arrived, clock, until)
        self._turns = turns

    async def push(self, write: Write) -> bool:
        """Write the pieces: see `Pushed`."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        turn = self._turn(write, done)
        moment, now = self._arrived + self._moments[self.left], self._clock()
        following = turn(now) if moment <= now else moment
        if following is not None:
            self._turns.call(following, turn)
        try:
            return await done
        except asyncio.CancelledError:
            if self.left < len(self._moments):
                self._turns.leave(self._arrived + self._moments[self.left], turn)
            raise

    def _turn(self, write: Write, done: "asyncio.Future[bool]") -> Turn:
        """Return the turn that writes what is due, which the next chunk is. (All that a paced stream
        costs is here: what a turn needs of it is at hand.)"""
        moments, data, arrived, count = self._moments, self._data, self._arrived, len(self._moments)

        def turn(now: float) -> float | None:
            if done.done():  # cancelled in the same turn of the loop
                return None
            moment, start = None, self.left
            end = start + 1
            # The sum is the moment of the turn; a difference may be a rounding less.
            while end < count and (moment := arrived + moments[end]) <= now:
                end += 1
            self.left = end
            try:
                alone = end == start + 1
                room = write(next(data) if alone else b"".join(itertools.islice(data, end - start)))
            except Exception as error:  # noqa: BLE001 - it is for who waits, not for the ticker
                done.set_exception(error)
                return None
            if room and end < count:
                return moment
            done.set_result(end == count)
            return None

        return turn


async def whole_body(answer: Answer) -> bytes:
    """Return all of an answer's body, without waiting for the moments of its chunks."""
    chunks = answer.chunks
    if isinstance(chunks, AsyncIterator):
        return b"".join([chunk.data async for chunk in chunks])
    return b"".join([chunk.data for chunk in chunks])


def _apart(chunks: tuple[Chunk, ...]) -> tuple[Sequence[float], Iterator[bytes]]:
    """Return the moments of chunks, and their data."""
    if hasattr(chunks, "moments"):
        made = cast("Made", chunks)
        return made.moments, made.data()
    return [chunk.due for chunk in chunks], (chunk.data for chunk in chunks)


def _joined(chunks: tuple[Chunk, ...]) -> bytes:
    return b"".join([chunk.data for chunk in chunks])
