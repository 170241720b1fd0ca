import asyncio
import time

import pytest

from simulator.ticker import EACH_ROUND, TICK, Ticker, Turn
from tests.support.clock import Clock


async def test_nobody_is_woken_early_and_who_is_due_first_comes_first() -> None:
    ticker, woken = Ticker(time.monotonic), list[float]()
    start = time.monotonic()

    async def wait(seconds: float) -> None:
        await ticker.until(start + seconds)
        assert time.monotonic() >= start + seconds
        woken.append(seconds)

    moments = [0.05, 0.01, 0.03, 0.0301, 0.02, -1.0]
    await asyncio.gather(*map(wait, moments))
    assert woken == sorted(moments)


async def test_all_that_are_due_in_one_tick_are_woken_in_one_turn_in_their_order() -> None:
    clock, woken, turns = Clock(), list[int](), list[int]()
    ticker = Ticker(clock)

    async def wait(name: int) -> None:
        await ticker.until(clock.now + TICK * 0.1)
        woken.append(name)

    async def count() -> None:
        while len(woken) < EACH_ROUND:
            turns.append(len(woken))
            await asyncio.sleep(0)

    waiting = [asyncio.create_task(wait(name)) for name in range(EACH_ROUND)]
    await asyncio.sleep(0)
    clock.now += 1
    await asyncio.gather(count(), *waiting)
    assert woken == list(range(EACH_ROUND))
    assert set(turns) == {0}


async def test_of_very_many_that_are_due_others_have_their_turn_between_and_the_oldest_are_first() -> (
    None
):
    clock, taken, others = Clock(), list[tuple[int, float]](), list[int]()
    ticker = Ticker(clock)

    def of(name: int) -> Turn:
        def turn(now: float) -> float | None:
            taken.append((name, now))
            # The first one is due again while others wait, and comes after them.
            return now + 0.5 if len(taken) == 1 else None

        return turn

    for name in range(2 * EACH_ROUND):
        ticker.call(clock.now + 4 * TICK * (name % 2), of(name))
    began = clock.now = clock.now + 1.0
    async with asyncio.timeout(10):
        while len(taken) < 2 * EACH_ROUND + 1:
            if len(taken) > sum(others):
                others.append(len(taken) - sum(others))
                clock.now += 1.0
            await asyncio.sleep(0)
    assert others[:2] == [EACH_ROUND, EACH_ROUND]
    evens, odds = range(0, 2 * EACH_ROUND, 2), range(1, 2 * EACH_ROUND, 2)
    assert [name for name, _ in taken] == [*evens, *odds, 0]
    assert {now for _, now in taken[:EACH_ROUND]} == {began}
    assert {now for _, now in taken[EACH_ROUND:-1]} == {began + 1.0}


async def test_a_moment_that_has_passed_gives_others_their_turn() -> None:
    ran = list[bool]()
    asyncio.get_running_loop().call_soon(ran.append, True)
    await Ticker(Clock()).until(0.0)
    assert ran


async def test_who_is_cancelled_leaves_nothing_behind_and_holds_nobody() -> None:
    clock = Clock()
    ticker = Ticker(clock)
    later = [asyncio.create_task(ticker.until(1e6 + number)) for number in range(3000)]
    same = [asyncio.create_task(ticker.until(1001.0)) for _ in range(2)]
    await asyncio.sleep(0)
    for task in [*later, same[0]]:
        task.cancel()
    await asyncio.gather(*later, same[0], return_exceptions=True)
    assert len(ticker._due) == 1
    assert len(ticker._order) <= 1003
    clock.now = 1002.0
    async with asyncio.timeout(10):
        await same[1]


def test_a_loop_that_has_ended_holds_nobody_on_the_next_one() -> None:
    ticker = Ticker(time.monotonic)

    async def wait(seconds: float) -> None:
        await asyncio.wait_for(ticker.until(time.monotonic() + seconds), 10)

    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(ticker.until(time.monotonic() + 60), 0.01))
    asyncio.run(wait(0.01))


async def test_an_earlier_moment_is_not_held_by_a_later_one() -> None:
    ticker = Ticker(time.monotonic)
    late = asyncio.create_task(ticker.until(time.monotonic() + 60))
    await asyncio.sleep(0)
    await asyncio.wait_for(ticker.until(time.monotonic() + 0.01), 10)
    late.cancel()


async def test_who_wants_another_turn_has_it_at_its_moment() -> None:
    clock, taken = Clock(), list[float]()
    ticker, done = Ticker(clock), asyncio.Event()

    def turn(now: float) -> float | None:
        taken.append(now)
        clock.now += 1
        if len(taken) < 3:
            return now + 0.5
        done.set()
        return None

    ticker.call(clock.now, turn)
    clock.now += 2 * TICK
    async with asyncio.timeout(10):
        await done.wait()
    assert [moment - taken[0] for moment in taken] == [0.0, 1.0, 2.0]
