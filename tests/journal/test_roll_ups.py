import logging

import pytest

from simulator.journal import roll_ups
from simulator.journal.entry import PLAIN, Entry, Group
from simulator.journal.minutes import MINUTES_KEPT, Minutes
from simulator.journal.roll_ups import FOLDER, KEPT, PERIOD, RollUps
from simulator.messages import Usage
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from tests.support.clock import Clock


class Away(MemoryContainer):
    away = False

    async def put(self, name: str, data: bytes) -> None:
        if self.away:
            raise StorageError("away")
        await super().put(name, data)


@pytest.fixture
def clock() -> Clock:
    return Clock(100_000.0)


class Instance:
    """The counters of one instance."""

    def __init__(self, container: MemoryContainer, name: str, clock: Clock) -> None:
        self.clock = clock
        self.minutes = Minutes()
        self.roll_ups = RollUps(self.minutes, container, "site", name, clock=clock, now=clock)

    def serve(self, tokens: int = 5) -> None:
        group, usage = Group("", "chat", "gpt-4o", "team", 200), Usage(tokens, 1)
        self.minutes.count(
            Entry("id", self.clock.now, 1.0, "chat_completions", group, PLAIN, usage=usage)
        )

    async def write(self) -> None:
        await self.roll_ups.fresh()
        if self.roll_ups._writing:
            await self.roll_ups._writing

    async def prompt_tokens(self, since: float | None = None) -> int:
        return sum(one[2].prompt_tokens for one in await self.roll_ups.others(since))


async def test_one_instance_reads_what_another_has_counted(clock: Clock) -> None:
    container = MemoryContainer()
    one, other = (Instance(container, name, clock) for name in "ab")
    one.serve()
    assert await other.prompt_tokens() == 0
    clock.now += PERIOD
    await one.write()
    assert await other.prompt_tokens() == 5
    assert await one.prompt_tokens() == 0
    [(minute, group, count)] = await other.roll_ups.others(None)
    assert (minute, group.key, count.requests) == ((100_000 // 60), "team", 1)


async def test_an_instance_that_is_known_otherwise_is_not_counted_twice(clock: Clock) -> None:
    container = MemoryContainer()
    one, other, third = (Instance(container, name, clock) for name in "abc")
    for instance in (one, other):
        instance.serve()
        await instance.roll_ups.flush()
    found = await third.roll_ups.others(None, ["a"])
    assert [count.prompt_tokens for _, _, count in found] == [5]


async def test_what_is_forgotten_is_gone_for_the_others_too(clock: Clock) -> None:
    container = MemoryContainer()
    one, other = (Instance(container, name, clock) for name in "ab")
    one.serve()
    await one.roll_ups.flush()
    assert await other.prompt_tokens() == 5
    one.minutes.clear()
    await one.roll_ups.flush()
    assert await other.prompt_tokens() == 0
    assert [name async for name in container.names(FOLDER)] == []


async def test_nothing_is_written_at_rest_nor_twice_in_a_period(clock: Clock) -> None:
    container = MemoryContainer()
    one = Instance(container, "a", clock)
    await one.write()
    assert [name async for name in container.names(FOLDER)] == []
    one.serve()
    clock.now += PERIOD
    await one.write()
    assert one.roll_ups.due == clock.now + PERIOD


async def test_an_instance_that_is_stopped_writes_at_its_end(clock: Clock) -> None:
    container = MemoryContainer()
    one, other = (Instance(container, name, clock) for name in "ab")
    one.serve()
    await one.roll_ups.flush()
    assert await other.prompt_tokens() == 5


async def test_only_what_is_new_enough_is_added_up(clock: Clock) -> None:
    container = MemoryContainer()
    one, other = (Instance(container, name, clock) for name in "ab")
    one.serve()
    clock.now += 600
    one.serve(7)
    await one.roll_ups.flush()
    assert await other.prompt_tokens(clock.now) == 7


async def test_an_old_roll_up_is_removed(clock: Clock) -> None:
    container = MemoryContainer()
    one, other = (Instance(container, name, clock) for name in "ab")
    one.serve()
    await one.roll_ups.flush()
    clock.now += KEPT + 1
    assert await other.prompt_tokens() == 0
    assert [name async for name in container.names(FOLDER)] == []
    assert MINUTES_KEPT * 60 == KEPT


async def test_what_cannot_be_understood_is_left_out(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    container = MemoryContainer()
    await container.put(f"{FOLDER}site/b.json", b"{")
    assert await Instance(container, "a", clock).prompt_tokens() == 0
    assert "cannot be understood" in caplog.text


async def test_a_store_that_is_away_is_logged_once(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    container = Away()
    one = Instance(container, "a", clock)
    one.serve()
    container.away = True
    for _ in range(3):
        clock.now += PERIOD
        await one.write()
    assert len(caplog.messages) == 1
    container.away = False
    clock.now += PERIOD
    await one.write()
    assert await Instance(container, "b", clock).prompt_tokens() == 5


@pytest.mark.parametrize(
    ("bound", "most", "counted"),
    [("MOST_READ", 15, 15), ("MOST_INSTANCES", 4, 8), ("MOST_ROWS", 1, 20)],
)
async def test_counters_of_others_are_read_up_to_a_bound(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, bound: str, most: int, counted: int
) -> None:
    monkeypatch.setattr(roll_ups, bound, most)
    container = MemoryContainer()
    for number in range(20):
        instance = Instance(container, f"i{number:02}", clock)
        instance.serve()
        clock.now += 60
        instance.serve()
        await instance.roll_ups.flush()
    assert len(await Instance(container, "reader", clock).roll_ups.others(None)) == counted


async def test_only_counters_of_the_time_that_is_looked_for_take_room(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = MemoryContainer()
    for number in range(20):
        instance = Instance(container, f"i{number:02}", clock)
        instance.serve()
        await instance.roll_ups.flush()
    clock.now += 600
    late = Instance(container, "late", clock)
    late.serve(7)
    await late.roll_ups.flush()
    monkeypatch.setattr(roll_ups, "MOST_READ", 1)
    assert await Instance(container, "reader", clock).prompt_tokens(clock.now) == 7
