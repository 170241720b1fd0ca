import asyncio

import pytest

from simulator.messages import Request
from simulator.recordings.document import document_of, exchange_of, line, parse
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.names import batch_moment
from simulator.recordings.promote import PromoteResult, promote
from simulator.recordings.spool import Spool
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from tests.storage.containers import Broken
from tests.support.clock import Clock


def name(number):
    return f"v1/a/b/{number:032x}.json"


def a_line(number, body=b"body"):
    exchange = Exchange(Request("POST", "/"), 200, {}, (Piece(body, 1),), 1)
    return line(name(number), document_of(exchange))


async def listed(container, prefix=""):
    return [one async for one in container.names(prefix)]


async def test_every_line_of_every_instance_gets_its_name(container):
    await container.put(".spool/one/1-0.jsonl", a_line(1) + a_line(2))
    await container.put(".spool/two/2-0.jsonl", a_line(3))
    result = await promote(container, Clock())
    assert result == PromoteResult(batches=2, saved=3)
    assert await listed(container) == [name(1), name(2), name(3)]
    stored = parse((await container.get(name(3))).data)
    assert exchange_of(stored).body == b"body"


async def test_what_has_its_name_already_stays_as_it_is(container):
    await container.put(name(1), b"edited by hand")
    await container.put(".spool/one/1-0.jsonl", a_line(1))
    assert await promote(container, Clock()) == PromoteResult(batches=1, existing=1)
    assert (await container.get(name(1))).data == b"edited by hand"


@pytest.mark.parametrize(
    "bad", [b"{", b"\xff", b"[]", a_line(1).replace(b"v1/a/b", b"../a/b").rstrip(), b"[" * 100_000]
)
async def test_a_line_that_cannot_be_read_is_kept_apart_and_the_rest_is_promoted(container, bad):
    await container.put(".spool/one/1-0.jsonl", a_line(1) + bad + b"\n" + a_line(2))
    result = await promote(container, Clock())
    assert result == PromoteResult(batches=1, saved=2, quarantined=1)
    assert await listed(container) == [".quarantine/one/1-0-2.txt", name(1), name(2)]
    assert (await container.get(".quarantine/one/1-0-2.txt")).data == bad


async def test_nothing_to_do_is_done(container):
    assert await promote(container, Clock()) == PromoteResult()


@pytest.mark.parametrize("budget", range(1, 30))
async def test_out_of_time_it_stops_and_the_next_run_carries_on(budget):
    container = MemoryContainer()
    await container.put(".spool/one/1-0.jsonl", b"".join(a_line(n) for n in range(10)))
    for batch in range(9):
        await container.put(f".spool/one/2-{batch}.jsonl", a_line(10 + batch))
    result = await promote(container, Clock(step=1), budget=budget)
    assert result.finished == (not await listed(container, ".spool/"))
    assert not result.finished
    assert (await promote(container, Clock())).finished
    assert await listed(container) == [name(n) for n in range(19)]


async def test_a_store_that_goes_away_is_an_error_and_loses_nothing():
    container = Broken()
    container.away = False
    await container.put(".spool/one/1-0.jsonl", a_line(1))
    container.away = True
    with pytest.raises(StorageError):
        await promote(container, Clock())
    container.away = False
    assert (await promote(container, Clock())).saved == 1


async def test_writes_are_bounded(container):
    at_once = most = 0
    write = container.put_new

    async def counted(target, data):
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        stored = await write(target, data)
        at_once -= 1
        return stored

    container.put_new = counted
    await container.put(".spool/one/1-0.jsonl", b"".join(a_line(n) for n in range(60)))
    await promote(container, Clock())
    assert most == 16


async def test_a_batch_that_cannot_be_read_stops_no_other(container):
    await container.put(".spool/one/1-0.jsonl", a_line(1))
    await container.put(".spool/two/2-0.jsonl", a_line(2))
    get = container.get

    async def refuse(asked):
        if asked.startswith(".spool/one/"):
            raise StorageError("HttpResponseError: BlobArchived")
        return await get(asked)

    container.get = refuse
    result = await promote(container, Clock())
    assert result == PromoteResult(batches=1, saved=1, failed=1, finished=False)
    assert await listed(container) == [".spool/one/1-0.jsonl", name(2)]


async def test_a_clock_that_goes_back_does_not_put_the_second_answer_first(container):
    for instance, moment in (("first", 5_000), ("second", 1_000)):
        await Spool(container, instance, lambda at=moment: at).add(a_line(1))
    found = await listed(container, ".spool/")
    moments = [batch_moment(one) for one in found if "first" in one or "second" in one]
    assert moments == [5_000, 5_001]


class Backwards(MemoryContainer):
    """A store in which a later read of a batch is answered first, and so is a later write."""

    def __init__(self):
        super().__init__()
        self._asked = 0

    async def get(self, name):
        self._asked += 1
        for _ in range(50 // self._asked):
            await asyncio.sleep(0)
        return await super().get(name)

    async def put_new(self, name, data):
        if b"first" in data:
            for _ in range(50):
                await asyncio.sleep(0)
        return await super().put_new(name, data)


async def test_of_two_answers_to_one_request_the_first_wins_whatever_is_faster():
    container = Backwards()
    await container.put(".spool/zz/1-0.jsonl", a_line(1, b"first") + a_line(2, b"other"))
    await container.put(".spool/aa/2-0.jsonl", a_line(1, b"second"))
    assert await promote(container, Clock()) == PromoteResult(batches=2, saved=2, existing=1)
    stored = parse((await container.get(name(1))).data)
    assert exchange_of(stored).body == b"first"


async def test_a_later_answer_does_not_take_the_place_of_one_that_could_not_be_written():
    class Refusing(MemoryContainer):
        refuses = True

        async def put_new(self, name, data):
            if b"first" in data and self.refuses:
                raise StorageError("refused")
            return await super().put_new(name, data)

    container = Refusing()
    await container.put(".spool/one/1-0.jsonl", a_line(1, b"first"))
    await container.put(".spool/two/2-0.jsonl", a_line(1, b"second"))
    assert not (await promote(container, Clock())).finished
    container.refuses = False
    await promote(container, Clock())
    assert exchange_of(parse((await container.get(name(1))).data)).body == b"first"
    assert await listed(container) == [name(1)]
