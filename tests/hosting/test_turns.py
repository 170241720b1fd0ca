import asyncio

from simulator.hosting.turns import Turns


async def test_what_enters_begins_in_order_a_few_in_each_round() -> None:
    turns = Turns(each=3)
    begun: list[int] = []
    for number in range(8):
        turns.enter(lambda number=number: begun.append(number))
    assert (begun, len(turns)) == ([0, 1, 2], 5)
    await asyncio.sleep(0)
    assert begun == [0, 1, 2, 3, 4, 5]
    await asyncio.sleep(0)
    assert (begun, len(turns)) == (list(range(8)), 0)


async def test_what_enters_after_a_pause_begins_at_once() -> None:
    turns = Turns(each=1)
    begun: list[str] = []
    turns.enter(lambda: begun.append("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    turns.enter(lambda: begun.append("b"))
    assert begun == ["a", "b"]
