import asyncio

import pytest

from simulator.recordings.spool import MOST_BYTES, MOST_LINES, WRITERS, Spool
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from tests.storage.containers import Broken


class Slow(MemoryContainer):
    """A write takes 10 ms."""

    async def put_new(self, name, data):
        await asyncio.sleep(0.01)
        return await super().put_new(name, data)


async def batches(container):
    return [(await container.get(name)).data async for name in container.names(".spool/")]


async def spooled(container, lines):
    spool = Spool(container, "me", lambda: 5)
    await asyncio.gather(*(spool.add(line) for line in lines))


async def test_a_line_is_stored_when_its_caller_goes_on():
    container = MemoryContainer()
    await Spool(container, "me/1", lambda: 5).add(b"line\n")
    assert [name async for name in container.names()] == [
        ".spool/me-1/00000000000000000005-000000.jsonl"
    ]
    assert await batches(container) == [b"line\n"]


async def test_what_comes_during_a_write_leaves_together():
    container = Slow()
    lines = [b"%d\n" % number for number in range(100)]
    await spooled(container, lines)
    assert [len(batch.splitlines()) for batch in await batches(container)] == [100]
    spool = Spool(container, "other", lambda: 5)
    first = asyncio.ensure_future(spool.add(b"first\n"))
    await asyncio.sleep(0)
    await asyncio.gather(first, *(spool.add(line) for line in lines))
    assert [len(batch.splitlines()) for batch in await batches(container)] == [100, 1, 100]


class Held(MemoryContainer):
    """Writes wait until `go` is set."""

    def __init__(self):
        super().__init__()
        self.go = asyncio.Event()
        self.writing = 0

    async def put_new(self, name, data):
        self.writing += 1
        await self.go.wait()
        return await super().put_new(name, data)


async def turns(number=20):
    for _ in range(number):
        await asyncio.sleep(0)


async def test_a_line_does_not_wait_for_the_batch_before_until_all_writers_are_busy():
    container = Held()
    spool = Spool(container, "me", lambda: 5)
    container.go.set()
    await spool.add(b"first\n")
    container.go.clear()
    container.writing = 0
    adding = []
    for number in range(WRITERS + 3):
        adding.append(asyncio.ensure_future(spool.add(b"%d\n" % number)))
        await turns()
    assert container.writing == WRITERS
    container.go.set()
    await asyncio.gather(*adding)
    stored = [batch.split() for batch in await batches(container)]
    assert stored == [[b"first"], *([b"%d" % n] for n in range(WRITERS)), [b"4", b"5", b"6"]]


async def going_on(spool, lines):
    """How many callers go on in each turn of the event loop in which any does."""
    going: list[int] = []

    async def add(line):
        await spool.add(line)
        going[-1] += 1

    adding = asyncio.gather(*(add(line) for line in lines))
    while not adding.done():
        going.append(0)
        await asyncio.sleep(0)
    return [number for number in going if number]


async def test_the_callers_of_a_batch_follow_one_another_while_no_line_waits():
    spool = Spool(MemoryContainer(), "me", lambda: 5)
    assert await going_on(spool, [b"x\n"] * 15) == [4, 3, 2, 2, 1, 1, 1, 1]
    assert len(await going_on(spool, [b"x\n"] * MOST_LINES)) < 40


async def test_the_callers_of_a_batch_go_on_at_once_while_a_line_waits():
    spool = Spool(MemoryContainer(), "me", lambda: 5)
    # No write of this container takes a turn.
    assert await going_on(spool, [b"x\n"] * (MOST_LINES + 1)) == [MOST_LINES + 1]


class SlowlyListed(MemoryContainer):
    """Lists its names when `go` is set."""

    def __init__(self):
        super().__init__()
        self.go = asyncio.Event()
        self.lists = 0

    async def names(self, prefix=""):
        self.lists += 1
        await self.go.wait()
        async for name in super().names(prefix):
            yield name


async def test_the_first_batch_alone_finds_out_which_moment_was_the_newest():
    container = SlowlyListed()
    await container.put_new(".spool/other/00000000000000000900-000000.jsonl", b"old\n")
    spool = Spool(container, "me", lambda: 5)
    adding = []
    for number in range(3):
        adding.append(asyncio.ensure_future(spool.add(b"%d\n" % number)))
        await turns()
    assert container.lists == 1
    container.go.set()
    await asyncio.gather(*adding)
    names = [name async for name in container.names(".spool/me/")]
    assert [name.rpartition("/")[2] for name in names] == [
        "00000000000000000901-000000.jsonl",
        "00000000000000000902-000001.jsonl",
    ]


async def test_a_batch_has_no_more_lines_than_it_may():
    container = Slow()
    await spooled(container, [b"x\n"] * (MOST_LINES + 1))
    assert [len(batch) // 2 for batch in await batches(container)] == [MOST_LINES, 1]


async def test_a_batch_has_no_more_bytes_than_it_may_but_a_larger_line_goes_alone():
    container = Slow()
    half, huge = b"x" * (MOST_BYTES // 2), b"y" * (MOST_BYTES + 1)
    await spooled(container, [half, half, half, huge, b"z"])
    assert [len(batch) for batch in await batches(container)] == [
        2 * len(half),
        len(half),
        len(huge),
        1,
    ]


async def test_each_line_of_a_batch_that_could_not_be_stored_is_reported():
    container = Broken()
    spool = Spool(container, "me", lambda: 5)
    results = await asyncio.gather(*(spool.add(b"x") for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [StorageError] * 3
    container.away = False
    await spool.add(b"y")
    assert await batches(container) == [b"y"]


@pytest.mark.parametrize("away", [True, False])
async def test_a_caller_that_leaves_does_not_disturb_the_others(away):
    container = Broken()
    container.away = away
    spool = Spool(container, "me", lambda: 5)
    leaving, staying = (asyncio.ensure_future(spool.add(line)) for line in (b"a", b"b"))
    await asyncio.sleep(0)
    leaving.cancel()
    (result,) = await asyncio.gather(staying, return_exceptions=True)
    assert isinstance(result, StorageError) if away else result is None


class Unanswered(MemoryContainer):
    """A store whose answers to writes are lost, and to reads, too, if it is `silent`."""

    def __init__(self, *, stores, silent=False):
        super().__init__()
        self._stores = stores
        self._silent = silent

    async def put_new(self, name, data):
        if self._stores:
            await super().put_new(name, data)
        raise StorageError("no answer")

    async def get(self, name):
        if self._silent:
            raise StorageError("no answer")
        return await super().get(name)


async def test_a_batch_whose_answer_was_lost_is_read_back():
    container = Unanswered(stores=True)
    await Spool(container, "me", lambda: 5).add(b"line\n")
    assert await batches(container) == [b"line\n"]


@pytest.mark.parametrize(("stores", "silent"), [(False, False), (True, True)])
async def test_a_batch_that_is_not_known_to_be_there_has_failed(stores, silent):
    container = Unanswered(stores=stores, silent=silent)
    with pytest.raises(StorageError, match="no answer"):
        await Spool(container, "me", lambda: 5).add(b"line\n")
