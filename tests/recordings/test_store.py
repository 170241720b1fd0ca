import asyncio

import pytest

from simulator.errors import RecordingBroken
from simulator.messages import Request
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.store import LARGE, RecordingStore
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from tests.storage.containers import Broken
from tests.support.clock import Clock

NAME = "v1/gpt-4o/chat-completions/" + "0" * 32 + ".json"


def exchange(body=b'{"a":1}', **fields):
    return Exchange(Request("POST", "/"), 200, {}, (Piece(body, 0),), 0, **fields)


class Counting(MemoryContainer):
    """Counts reads; each takes a turn of the loop."""

    def __init__(self):
        super().__init__()
        self.reads = []

    async def get(self, name):
        self.reads.append(name)
        await asyncio.sleep(0)
        return await super().get(name)

    async def get_if_changed(self, name, etag):
        self.reads.append(f"{name}?")
        await asyncio.sleep(0)
        return await super().get_if_changed(name, etag)


@pytest.fixture
def container():
    return Counting()


@pytest.fixture
def store(container, clock):
    return RecordingStore(container, clock)


async def put(container, clock, body=b'{"a":1}'):
    await RecordingStore(container, clock).keep(NAME, exchange(body))


async def test_a_cold_recording_costs_one_read_and_a_warm_one_none(store, container, clock):
    await put(container, clock)
    found = await asyncio.gather(*(store.find(NAME) for _ in range(50)))
    assert {one.body for one in found} == {b'{"a":1}'}
    await store.find(NAME)
    assert container.reads == [NAME]


async def test_after_its_time_a_recording_is_asked_for_by_etag(store, container, clock):
    await put(container, clock)
    await store.find(NAME)
    clock.now += 30
    await store.find(NAME)
    await store.find(NAME)
    assert container.reads == [NAME, f"{NAME}?"]


async def test_a_deleted_recording_is_gone_after_its_time(store, container, clock):
    await put(container, clock)
    await store.find(NAME)
    await container.delete(NAME)
    clock.now += 30
    assert await store.find(NAME) is None
    assert store.remembered(NAME) is None


async def test_a_miss_is_remembered_for_seconds_only(store, container, clock):
    assert await store.find(NAME) is None
    await put(container, clock)
    assert await store.find(NAME) is None
    clock.now += 2
    assert (await store.find(NAME)).body == b'{"a":1}'


async def test_forgotten_misses_are_looked_for_at_once(store, container, clock):
    await store.find(NAME)
    await put(container, clock)
    store.forget_misses()
    assert await store.find(NAME) is not None


async def test_the_first_recording_wins_and_is_what_is_found_afterwards(store, container, clock):
    await put(container, clock, b"first")
    assert not await store.keep(NAME, exchange(b"second"))
    assert (await store.find(NAME)).body == b"first"


async def test_what_was_just_kept_is_found_without_a_read(store, container):
    assert await store.keep(NAME, exchange())
    await store.find(NAME)
    assert container.reads == []


async def test_what_is_kept_during_a_read_that_misses_is_not_forgotten(store):
    reading = asyncio.ensure_future(store.find(NAME))
    await asyncio.sleep(0)
    await store.keep(NAME, exchange())
    assert (await reading).body == b'{"a":1}'
    assert (await store.find(NAME)).body == b'{"a":1}'


async def test_while_the_store_is_away_what_is_in_memory_still_answers(clock):
    container = Broken()
    container.away = False
    store = RecordingStore(container, clock)
    await store.keep(NAME, exchange())
    container.away = True
    clock.now += 31
    assert (await store.find(NAME)).body == b'{"a":1}'
    with pytest.raises(StorageError):
        await store.find(NAME.replace("0", "1"))


async def test_a_reader_that_leaves_does_not_disturb_the_others(store, container, clock):
    await put(container, clock)
    leaving = asyncio.ensure_future(store.find(NAME))
    staying = asyncio.ensure_future(store.find(NAME))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying).body == b'{"a":1}'


LARGE_BODY = b"\xff" * LARGE


async def test_a_large_binary_body_is_kept_in_a_file_that_is_read_with_it(store, container, clock):
    await store.keep(NAME, exchange(LARGE_BODY))
    other = RecordingStore(container, clock)
    assert (await other.find(NAME)).body == LARGE_BODY
    assert (await container.get(NAME.replace(".json", ".bin"))).data == LARGE_BODY


async def test_an_edit_of_a_file_beside_a_recording_shows_too(store, container, clock):
    await put(container, clock, LARGE_BODY)
    await store.find(NAME)
    await container.put(NAME.replace(".json", ".bin"), b"edited")
    clock.now += 30
    assert (await store.find(NAME)).body == b"edited"


async def test_a_recording_whose_file_is_missing_is_broken(store, container, clock):
    await put(container, clock, LARGE_BODY)
    await container.delete(NAME.replace(".json", ".bin"))
    with pytest.raises(RecordingBroken, match="beside it is missing"):
        await store.find(NAME)


async def test_a_file_that_a_dead_process_left_does_not_end_up_in_another_answer(store, container):
    await container.put(NAME.replace(".json", ".bin"), b"left behind")
    await store.keep(NAME, exchange(LARGE_BODY))
    other = RecordingStore(container, Clock())
    assert (await other.find(NAME)).body == LARGE_BODY


async def test_the_same_file_left_by_a_dead_process_is_used(store, container):
    await container.put(NAME.replace(".json", ".bin"), LARGE_BODY)
    await store.keep(NAME, exchange(LARGE_BODY))
    assert len([name async for name in container.names()]) == 2


async def test_a_large_text_stays_in_the_document(store, container):
    await store.keep(NAME, exchange(b"x" * LARGE))
    assert [name async for name in container.names()] == [NAME]


async def test_whether_there_are_imported_exchanges_is_asked_once_in_a_while(
    store, container, clock
):
    assert not await store.has_legacy()
    await container.put("legacy/x.json", b"")
    assert not await store.has_legacy()
    clock.now += 30
    assert await store.has_legacy()
