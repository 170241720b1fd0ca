"""Recorded and live answers at a speed that a rule has chosen."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator

from msgspec import structs

from simulator.concurrency import Ending, close
from simulator.latency import Clock, Slowdown, Tempo
from simulator.messages import Answer, Chunk

Sleep = Callable[[float], Awaitable[None]]


def slowed(
    answer: Answer,
    slowdown: Slowdown | None,
    *,
    taken: float = 0.0,
    clock: Clock = time.monotonic,
    sleep: Sleep = asyncio.sleep,
) -> Answer:
    """The answer with its own times changed. `taken` is how many seconds a plain one took that is due at
    once; a chunk of a stream counts as a token, and none is sooner than a live upstream has it."""
    if slowdown is None:
        return answer
    chunks = answer.chunks
    if isinstance(chunks, AsyncIterator):
        live = Ending(_live(chunks, slowdown, clock, sleep), lambda: close(chunks))
        return structs.replace(answer, chunks=live)
    if answer.streamed:
        return structs.replace(answer, chunks=tuple(_timed(chunks, slowdown)))
    made = tuple(chunks)
    tokens = max(1, answer.usage.completion if answer.usage else 1)
    own = taken + (made[-1].due if made else 0.0)
    due = slowdown.of(Tempo(own / tokens, own / tokens)).at(tokens)
    return structs.replace(answer, chunks=tuple([Chunk(chunk.data, due) for chunk in made]))


def _timed(chunks: Iterator[Chunk] | tuple[Chunk, ...], slowdown: Slowdown) -> Iterator[Chunk]:
    before = due = 0.0
    for number, chunk in enumerate(chunks):
        due += _gap(slowdown, number, chunk.due - before)
        before = chunk.due
        yield Chunk(chunk.data, due)


def _gap(slowdown: Slowdown, number: int, own: float) -> float:
    """Seconds between the chunk before and the one of this number, which would be `own` seconds."""
    tempo = slowdown.of(Tempo(own, own))
    return tempo.between if number else tempo.first


async def _live(
    chunks: AsyncIterator[Chunk], slowdown: Slowdown, clock: Clock, sleep: Sleep
) -> AsyncGenerator[Chunk]:
    """Hold each chunk back until its time has come."""
    before, number = clock(), 0
    async for chunk in chunks:
        own = clock() - before
        wait = _gap(slowdown, number, own) - own
        if wait > 0:
            await sleep(wait)
        before, number = clock(), number + 1
        yield chunk
