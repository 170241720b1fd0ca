import asyncio
from collections.abc import AsyncIterator

import pytest

from simulator.messages import Request
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.route_names import (
    LOOKED_UP,
    MOST_NAMES,
    MOST_ROUTES,
    NAMES_A_LOOK_UP,
    RouteNames,
)
from simulator.recordings.store import MISSED, RecordingStore
from simulator.storage.container import Blob, StorageError
from simulator.storage.memory import MemoryContainer
from tests.support.clock import Clock

ROUTE = "v1/gpt-4o/chat-completions/"
EXCHANGE = Exchange(Request("POST", "/"), 200, {}, (Piece(b"{}", 0),), 0)


def name(number: int, route: str = ROUTE) -> str:
    return f"{route}{number:032x}.json"


class Counting(MemoryContainer):
    """Counts reads and lists, which take a turn of the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = self.lists = 0
        self.broken = False

    async def get(self, name: str) -> Blob | None:
        self.reads += 1
        await asyncio.sleep(0)
        return await super().get(name)

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        self.lists += 1
        await asyncio.sleep(0)
        if self.broken:
            raise StorageError("broken")
        async for found in super().names(prefix):
            yield found


@pytest.fixture
def container() -> Counting:
    return Counting()


@pytest.fixture
def names(container: Counting, clock: Clock) -> RouteNames:
    return RouteNames(container, clock, 2.0)


async def listed(names: RouteNames) -> None:
    """Look up as many names in vain as it takes."""
    for number in range(LOOKED_UP):
        assert not await names.lacks(name(number))
        names.missed(name(number))


async def test_many_new_names_of_a_route_are_not_looked_up_one_by_one(container, clock) -> None:
    store = RecordingStore(container, clock)
    for number in range(200):
        assert await store.find(name(number)) is None
        await store.keep(name(number), EXCHANGE)
    assert (container.reads, container.lists) == (LOOKED_UP, 1)


async def test_a_recording_of_another_instance_is_found_after_two_seconds(container, clock) -> None:
    store, other = RecordingStore(container, clock), RecordingStore(container, clock)
    for number in range(LOOKED_UP + 1):
        await store.find(name(number))
    await other.keep(name(99), EXCHANGE)
    assert await store.find(name(99)) is None
    clock.now += MISSED
    assert await store.find(name(99)) is not None


async def test_a_recording_that_is_there_is_read(names: RouteNames, container: Counting) -> None:
    await container.put(name(99), b"{}")
    await listed(names)
    assert (await names.lacks(name(98)), await names.lacks(name(99))) == (True, False)


async def test_what_is_kept_meanwhile_is_known(names: RouteNames) -> None:
    await listed(names)
    assert await names.lacks(name(98))
    names.kept(name(98))
    assert not await names.lacks(name(98))


async def test_what_is_kept_while_the_names_are_listed_is_known(
    names: RouteNames, container: Counting, clock: Clock
) -> None:
    await listed(names)
    await names.lacks(name(98))
    clock.now += 1.5
    listing = asyncio.create_task(names.lacks(name(97)))
    await asyncio.sleep(0)
    names.kept(name(98))  # the container does not have it yet
    assert await listing
    assert container.lists == 2
    assert not await names.lacks(name(98))


async def test_one_request_waits_for_a_new_list_and_the_others_go_by_the_old_one(
    names: RouteNames, container: Counting, clock: Clock
) -> None:
    await listed(names)
    await names.lacks(name(98))
    clock.now += 1.5
    assert await asyncio.gather(*(names.lacks(name(number)) for number in range(9))) == [True] * 9
    assert container.lists == 2


async def test_a_long_list_is_made_again_only_for_many_look_ups(
    names: RouteNames, container: Counting, clock: Clock
) -> None:
    for number in range(3 * NAMES_A_LOOK_UP):
        await container.put(name(1_000 + number), b"{}")
    await listed(names)
    assert [await names.lacks(name(number)) for number in (98, 99)] == [True, True]
    clock.now += 1.5
    assert await names.lacks(name(97))
    assert container.lists == 1
    assert await names.lacks(name(96))
    assert container.lists == 2


async def test_a_list_that_is_out_of_date_says_nothing(names: RouteNames, clock: Clock) -> None:
    await listed(names)
    assert await names.lacks(name(98))
    clock.now += 2.0
    assert not await names.lacks(name(98))


async def test_few_names_are_looked_up(
    names: RouteNames, container: Counting, clock: Clock
) -> None:
    for number in range(4 * LOOKED_UP):
        assert not await names.lacks(name(number))
        names.missed(name(number))
        clock.now += 1.0
    assert container.lists == 0


async def test_a_route_with_very_many_recordings_is_not_listed_again_and_again(
    names: RouteNames, container: Counting
) -> None:
    for number in range(MOST_NAMES + 1):
        await container.put(name(number), b"{}")
    await listed(names)
    assert [await names.lacks(name(-1 % 16**32)) for _ in range(9)] == [False] * 9
    assert container.lists == 1


async def test_a_store_that_cannot_be_listed_is_asked_for_each_name(
    names: RouteNames, container: Counting
) -> None:
    container.broken = True
    await listed(names)
    assert not await names.lacks(name(98))


async def test_only_the_newest_routes_are_remembered(names: RouteNames) -> None:
    await listed(names)
    for number in range(MOST_ROUTES):
        names.missed(name(0, f"v1/other-{number}/chat-completions/"))
    assert not await names.lacks(name(98))


async def test_nothing_is_known_after_a_promotion(names: RouteNames) -> None:
    await listed(names)
    assert await names.lacks(name(98))
    names.forget()
    assert not await names.lacks(name(98))
