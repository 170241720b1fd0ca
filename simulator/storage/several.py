"""Work on many documents of a store for one request: a few at a time, and within a time for all of them."""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

R = TypeVar("R")

AT_ONCE = 16
SECONDS = 10.0
"""Seconds after which no further documents are begun with; each operation has a time of its own."""


async def several(
    items: Sequence[str],
    work: Callable[[str], Awaitable[R]],
    *,
    seconds: float = SECONDS,
    at_once: int = AT_ONCE,
) -> AsyncGenerator[R]:
    """Yield what the work on each item returns, in their order. Once the time is over that is all, however
    many items are left, but those that are worked on first always come."""
    clock = asyncio.get_running_loop().time
    ends = clock() + seconds
    for start in range(0, len(items), at_once):
        if start and clock() >= ends:
            return
        some = items[start : start + at_once]
        for result in await asyncio.gather(*map(work, some)):
            yield result


async def each(items: Iterable[str], work: Callable[[str], Awaitable[object]]) -> None:
    """Do the work on every item, a few at a time."""
    async for _ in several(list(items), work, seconds=math.inf):
        pass
