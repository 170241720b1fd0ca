import asyncio
import math

from simulator.upkeep import Upkeep


class Part:
    """Something that is fresh once another one has begun to be."""

    def __init__(self, due: float) -> None:
        self.due = due
        self.begun = asyncio.Event()
        self.other: Part | None = None

    async def fresh(self) -> None:
        self.begun.set()
        if self.other is not None:
            await asyncio.wait_for(self.other.begun.wait(), 30)


async def test_a_slow_part_does_not_hold_up_the_others() -> None:
    first, second = Part(7.0), Part(3.0)
    first.other = second
    upkeep = Upkeep([first, second])
    assert upkeep.due == -math.inf
    await upkeep.fresh()
    assert upkeep.due == 3.0


async def test_nothing_is_ever_due_where_there_is_nothing_to_keep() -> None:
    upkeep = Upkeep([])
    await upkeep.fresh()
    assert upkeep.due == math.inf
