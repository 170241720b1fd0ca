import itertools
import logging
from collections.abc import AsyncIterator, Callable

import pytest

from simulator.instances.presence import ALONE, BEAT, FOLDER, MOST_SIGNS, Presence, Standing
from simulator.instances.sightings import ALIVE, FORGOTTEN
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from tests.support.clock import Clock

Make = Callable[[str], Presence]


class Away(MemoryContainer):
    """A container that can be unreachable, and counts what is written."""

    away = False
    full = False
    written = 0

    async def put(self, name: str, data: bytes) -> None:
        if self.away or self.full:
            raise StorageError("away")
        self.written += 1
        await super().put(name, data)

    async def delete(self, name: str) -> bool:
        if self.away:
            raise StorageError("away")
        return await super().delete(name)

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        if self.away:
            raise StorageError("away")
        async for name in super().names(prefix):
            yield name

    async def signs(self) -> list[str]:
        return [name async for name in self.names(FOLDER)]


@pytest.fixture
def container() -> Away:
    return Away()


@pytest.fixture
def make(clock: Clock, container: Away) -> Make:
    return lambda name: Presence(container, "site", name, clock=clock, now=clock)


async def after(clock: Clock, seconds: float, *instances: Presence) -> list[Standing]:
    """Where the instances stand when a request has come to each of them later."""
    clock.now += seconds
    for instance in instances:
        await instance.fresh()
    return [instance.standing for instance in instances]


async def test_instances_know_of_each_other_in_one_order(make: Make, clock: Clock) -> None:
    a, b, c = make("a"), make("b"), make("c")
    assert a.standing == ALONE
    assert await after(clock, 0, b, a, c) == [Standing(0, 1), Standing(0, 2), Standing(2, 3)]
    assert await after(clock, 2 * BEAT, a, b, c) == [Standing(n, 3) for n in range(3)]


async def test_an_instance_that_leaves_is_not_counted_any_more(make: Make, clock: Clock) -> None:
    a, b = make("a"), make("b")
    await after(clock, 0, a, b)
    assert await after(clock, 2 * BEAT, a) == [Standing(0, 2)]
    await b.close()
    assert await after(clock, 2 * BEAT, a) == [ALONE]


async def test_an_instance_that_was_killed_is_counted_until_its_sign_is_old(
    make: Make, clock: Clock
) -> None:
    a, b = make("a"), make("b")
    await after(clock, 0, b, a)
    assert await after(clock, 2 * BEAT, a) == [Standing(0, 2)]
    assert await after(clock, ALIVE - BEAT, a) == [ALONE]


async def test_an_instance_without_requests_is_back_with_its_first_one(
    make: Make, clock: Clock
) -> None:
    a, b = make("a"), make("b")
    await after(clock, 0, a, b)
    assert await after(clock, 100, a) == [ALONE]
    assert await after(clock, 0, b) == [Standing(1, 2)]


async def test_nothing_is_written_at_rest_and_little_under_load(
    make: Make, clock: Clock, container: Away
) -> None:
    a = make("a")
    for _ in range(1_000):
        await after(clock, 0.001, a)
    assert container.written == 1
    assert a.due > clock.now


async def test_each_instance_keeps_one_sign(make: Make, clock: Clock, container: Away) -> None:
    a = make("a")
    for _ in range(5):
        await after(clock, 2 * BEAT, a)
    assert await container.signs() == [f"{FOLDER}site/a-{int(clock.now)}"]


async def test_signs_of_the_dead_are_removed(make: Make, clock: Clock, container: Away) -> None:
    await after(clock, 0, make("dead"))
    await container.put(f"{FOLDER}site/readme.txt", b"")
    a = make("a")
    await after(clock, FORGOTTEN + 1, a)
    await after(clock, ALIVE, a)
    assert sorted(await container.signs()) == [
        f"{FOLDER}site/a-{int(clock.now)}",
        f"{FOLDER}site/readme.txt",
    ]


async def test_thousands_of_old_signs_are_removed_few_at_a_time(
    make: Make, clock: Clock, container: Away
) -> None:
    clock.now += 10_000
    for number in range(MOST_SIGNS):
        # Half of them are of the future, left by instances whose clocks were wrong.
        at = number % 2 * 100_000
        await container.put(f"{FOLDER}site/dead{number:04}-{at}", b"")
    a = make("a")
    counted: list[int] = []
    for _ in range(6):
        await after(clock, 2 * BEAT, a)
        counted.append(len(await container.signs()))
    assert counted[0] == MOST_SIGNS + 1
    removed = [before - later for before, later in itertools.pairwise(counted)]
    assert set(removed) == {0, 49}  # its own last one is the fiftieth
    assert a.standing == ALONE


async def test_what_an_instance_could_not_remove_of_its_own_is_removed_later(
    make: Make, clock: Clock, container: Away
) -> None:
    a = make("a")
    await after(clock, 0, a)
    for earlier in (1, 2, 3):
        await container.put(f"{FOLDER}site/a-{int(clock.now) - earlier}", b"")
    await after(clock, 2 * BEAT, a)
    assert await container.signs() == [f"{FOLDER}site/a-{int(clock.now)}"]


@pytest.mark.parametrize("wrong", [-86_400, -60, -20, 20, 60, 86_400])
async def test_instances_whose_clocks_differ_know_of_each_other(
    clock: Clock, container: Away, wrong: float
) -> None:
    clock.now += 1_000_000
    a = Presence(container, "site", "a", clock=clock, now=clock)
    b = Presence(container, "site", "b", clock=clock, now=lambda: clock() + wrong)
    await after(clock, 0, a, b)
    for _ in range(100):
        assert await after(clock, 2 * BEAT, a, b) == [Standing(0, 2), Standing(1, 2)]
    # One that is killed is gone, too, however far in the future its last sign is.
    assert await after(clock, 2 * BEAT, a) == [Standing(0, 2)]
    assert await after(clock, ALIVE, a) == [ALONE]


async def test_a_store_that_takes_no_signs_is_read_all_the_same(
    make: Make, clock: Clock, container: Away
) -> None:
    a, b = make("a"), make("b")
    await after(clock, 0, b)
    container.full = True
    assert await after(clock, 0, a) == [Standing(0, 2)]


async def test_a_recount_finds_the_others_and_leaves_no_sign(
    make: Make, clock: Clock, container: Away
) -> None:
    a, b = make("a"), make("b")
    await after(clock, 0, b)
    await a.recount()
    assert a.standing == Standing(0, 2)
    assert await container.signs() == [f"{FOLDER}site/b-{int(clock.now)}"]
    await b.close()
    clock.now += 0.5
    await a.recount()  # anybody may ask: the last answer is good for a second
    assert a.standing == Standing(0, 2)
    clock.now += 0.5
    await a.recount()
    assert a.standing == ALONE
    container.away = True
    clock.now += 1
    await a.recount()
    assert a.standing == ALONE


async def test_instances_of_another_site_are_others(clock: Clock, container: Away) -> None:
    ours, theirs = (
        Presence(container, site, "a", clock=clock, now=clock) for site in ("ours", "theirs")
    )
    assert await after(clock, 0, ours, theirs) == [ALONE, ALONE]


async def test_what_is_known_stays_while_the_container_is_away(
    make: Make, clock: Clock, container: Away
) -> None:
    a, b = make("a"), make("b")
    await after(clock, 0, b, a)
    container.away = True
    assert await after(clock, 100, a) == [Standing(0, 2)]


async def test_an_end_is_not_held_up_by_a_container_that_is_away(
    make: Make, clock: Clock, container: Away, caplog: pytest.LogCaptureFixture
) -> None:
    a, b = make("a"), make("b")
    await after(clock, 0, a, b)
    container.away = True
    await a.close()
    # Only warnings: a test before this one may have set the level of the log lower.
    warned = [line.getMessage() for line in caplog.records if line.levelno >= logging.WARNING]
    assert warned == ["the sign of life of instance a stays: away"]
    container.away = False
    assert await after(clock, BEAT, b) == [Standing(1, 2)]
    assert await after(clock, ALIVE, b) == [ALONE]


async def test_the_log_says_how_many_there_are_when_that_changes(
    make: Make, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "simulator.instances.presence")
    a, b = make("a"), make("b")
    await after(clock, 0, a)
    await after(clock, 2 * BEAT, a)
    await after(clock, 0, b)
    assert caplog.messages == [
        "this is instance a, one of 1 that serve",
        "this is instance b, one of 2 that serve",
    ]
