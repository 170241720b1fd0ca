"""The upkeep of what instances know of each other, done by requests when it is due."""

import asyncio
import math
from collections.abc import Sequence
from typing import Protocol


class Refreshed(Protocol):
    """Something that grows old, such as the configuration that all instances share."""

    @property
    def due(self) -> float:
        """The moment of the clock from which `fresh` has something to do."""
        ...

    async def fresh(self) -> None: ...


class Upkeep:
    """Keeps several things fresh; between two moments at which one is due, a request compares one
    number.
    """

    def __init__(self, parts: Sequence[Refreshed]) -> None:
        self._parts = parts
        self.due = -math.inf

    async def fresh(self) -> None:
        """Wait for all parts at once, so that a slow store holds a request up once; raises what a part
        raises.
        """
        await asyncio.gather(*(part.fresh() for part in self._parts))
        self.due = min((part.due for part in self._parts), default=math.inf)
