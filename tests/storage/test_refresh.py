"""When an instance refresher: proved with a clock that only the test moves."""

import asyncio
import logging

import pytest

from simulator.storage.container import StorageError
from simulator.storage.refresh import Refresher, RefreshPolicy
from tests.support.clock import Clock

POLICY = RefreshPolicy(background=2.5, at_most=5.0, patience=0.05, first=0.2)


class Store:
    """A store whose refreshes last until `answer` is set, and then say so or fail."""

    def __init__(self) -> None:
        self.refreshes = 0
        self.done = 0
        self.answer = asyncio.Event()
        self.answer.set()
        self.error: Exception | None = None

    async def refresh(self) -> None:
        self.refreshes += 1
        await self.answer.wait()
        if self.error is not None:
            raise self.error
        self.done += 1


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def refresher(store: Store, clock: Clock) -> Refresher:
    return Refresher(store.refresh, clock, POLICY)


async def at(refresher: Refresher, clock: Clock, moment: float) -> None:
    clock.now = 1_000.0 + moment
    await refresher.fresh()


async def test_the_first_request_waits_for_the_first_look(store, refresher, clock):
    await at(refresher, clock, 0)
    assert store.done == 1


@pytest.mark.parametrize("age", [0.0, 1.0, 2.499])
async def test_a_young_look_is_enough(store, refresher, clock, age):
    await at(refresher, clock, 0)
    await at(refresher, clock, age)
    await asyncio.sleep(0)
    assert store.refreshes == 1


@pytest.mark.parametrize("age", [2.5, 4.999])
async def test_an_older_look_is_repeated_and_not_waited_for(store, refresher, clock, age):
    await at(refresher, clock, 0)
    store.answer.clear()
    await at(refresher, clock, age)
    await asyncio.sleep(0.01)
    assert (store.refreshes, store.done) == (2, 1)
    store.answer.set()


@pytest.mark.parametrize("age", [5.0, 3600.0])
async def test_an_old_look_is_repeated_and_waited_for(store, refresher, clock, age):
    await at(refresher, clock, 0)
    await at(refresher, clock, age)
    assert store.done == 2


async def test_all_who_come_late_wait_for_one_look(store, refresher, clock):
    await at(refresher, clock, 0)
    store.answer.clear()
    clock.now += 60
    waiting = [asyncio.create_task(refresher.fresh()) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert (store.refreshes, [task.done() for task in waiting]) == (2, [False] * 5)
    store.answer.set()
    await asyncio.gather(*waiting)
    assert (store.refreshes, store.done) == (2, 2)


async def test_a_look_counts_from_its_beginning(store, refresher, clock):
    await at(refresher, clock, 0)
    store.answer.clear()
    clock.now += 5
    waiting = asyncio.create_task(refresher.fresh())
    await asyncio.sleep(0)
    clock.now += 1  # the look takes a second, and a change may come in it
    store.answer.set()
    await waiting
    assert refresher.due == 1_000 + 5 + POLICY.background
    await at(refresher, clock, 5 + 5)
    assert store.done == 3


async def test_a_client_that_leaves_does_not_stop_the_look(store, refresher, clock):
    store.answer.clear()
    waiting = asyncio.create_task(refresher.fresh())
    await asyncio.sleep(0.01)
    waiting.cancel()
    store.answer.set()
    await refresher.fresh()
    assert (store.refreshes, store.done) == (1, 1)


async def test_a_store_that_does_not_answer_is_waited_for_only_so_long(store, refresher, clock):
    await at(refresher, clock, 0)
    store.answer.clear()
    await asyncio.wait_for(at(refresher, clock, 5), 1)
    assert store.done == 1


async def test_the_first_look_is_given_more_time(store, refresher, clock):
    store.answer.clear()
    waiting = asyncio.create_task(refresher.fresh())
    await asyncio.sleep(POLICY.patience * 2)
    assert not waiting.done()
    await asyncio.wait_for(waiting, 1)


async def test_nobody_waits_again_soon_for_a_store_that_is_away(store, refresher, clock):
    await at(refresher, clock, 0)
    store.error = StorageError("away")
    await at(refresher, clock, 5)
    store.answer.clear()
    await asyncio.wait_for(at(refresher, clock, 9.9), 0.04)
    assert store.done == 1
    store.answer.set()


async def test_nobody_waits_a_second_time_while_the_store_is_away(store, refresher, clock):
    await at(refresher, clock, 0)
    store.error = StorageError("away")
    await at(refresher, clock, 5)
    store.answer.clear()
    for moment in (11, 100):
        await asyncio.wait_for(at(refresher, clock, moment), 0.04)
    await asyncio.sleep(0)
    assert store.refreshes == 3
    store.answer.set()


async def test_who_has_waited_for_a_store_that_is_away_is_the_last_to_for_a_while(
    store, refresher, clock
):
    await at(refresher, clock, 0)
    store.answer.clear()
    clock.now += 5
    waiting = asyncio.create_task(refresher.fresh())
    await asyncio.sleep(0)
    clock.now += 2  # it fails after two seconds
    store.error = StorageError("away")
    store.answer.set()
    await waiting
    store.answer.clear()
    await asyncio.wait_for(at(refresher, clock, 5 + 2 + 4.9), 0.04)
    store.answer.set()


async def test_an_outage_is_logged_once_and_its_end_too(store, refresher, clock, caplog):
    with caplog.at_level(logging.WARNING):
        store.error = StorageError("the cause")
        for moment in (0, 10, 20):
            await at(refresher, clock, moment)
            await asyncio.sleep(0.01)  # nobody waits for it
        store.error = None
        for moment in (30, 40):
            await at(refresher, clock, moment)
            await asyncio.sleep(0.01)
    assert [record.getMessage() for record in caplog.records] == [
        "the configuration stays as it is, its store is unreachable: the cause",
        "the store of the configuration is reachable again",
    ]


async def test_at_rest_nothing_runs(store, refresher, clock):
    await at(refresher, clock, 0)
    clock.now += 3_600
    await asyncio.sleep(0.01)
    assert store.refreshes == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}
