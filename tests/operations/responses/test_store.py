import random

import msgspec
import pytest
from msgspec import Raw

from simulator.errors import Unavailable
from simulator.operations.responses.ids import ResponseIds
from simulator.operations.responses.store import FOLDER, RETENTION, ResponseStore, StoredResponse
from simulator.operations.responses.stored_items import StoredItems
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from tests.support.clock import Clock

NOW = 1_785_164_068.0
DAY = 86_400.0
_RNG = random.Random(1)


def stored(created: float = NOW, **members: object) -> StoredResponse:
    ids = ResponseIds(_RNG, created)
    body = {"output": [{"id": ids.draw("msg")}], **members}
    return StoredResponse(
        id=ids.draw("resp"),
        created=created,
        started=created,
        finished=created,
        background=False,
        body=Raw(msgspec.json.encode(body)),
        context=[Raw(msgspec.json.encode({"id": ids.draw("msg"), "type": "message"}))],
    )


async def test_a_response_is_found_by_an_instance_that_did_not_keep_it() -> None:
    container, response = MemoryContainer(), stored()
    await ResponseStore(container, Clock(NOW)).keep(response)
    found = await ResponseStore(container, Clock(NOW)).find(response.id)
    assert found is not None
    assert msgspec.json.encode(found) == msgspec.json.encode(response)


@pytest.mark.parametrize("kind", ["output", "context"])
async def test_an_item_is_found_by_its_own_id(kind: str) -> None:
    store, response = ResponseStore(MemoryContainer(), Clock(NOW)), stored()
    await store.keep(response)
    output = msgspec.json.decode(response.body)["output"][0]
    item = output if kind == "output" else msgspec.json.decode(response.context[0])
    found = await StoredItems(store).find(item["id"])
    assert found is not None
    assert msgspec.json.decode(found) == item


@pytest.mark.parametrize("identifier", ["nonsense", ResponseIds(_RNG, NOW).draw("msg")])
async def test_an_unknown_item_is_not_found(identifier: str) -> None:
    assert await StoredItems(ResponseStore(MemoryContainer(), Clock(NOW))).find(identifier) is None


async def test_an_id_of_the_same_family_is_not_the_response() -> None:
    store, response = ResponseStore(MemoryContainer(), Clock(NOW)), stored()
    await store.keep(response)
    assert await store.find(response.id[:-1] + ("0" if response.id[-1] != "0" else "1")) is None


async def test_a_response_is_kept_thirty_days_and_not_longer() -> None:
    clock, container = Clock(NOW), MemoryContainer()
    store, response = ResponseStore(container, clock), stored()
    await store.keep(response)
    clock.now = NOW + RETENTION
    assert await store.find(response.id) is not None
    clock.now += 1
    assert await store.find(response.id) is None
    assert [name async for name in container.names()] == []


async def test_what_nobody_asks_for_any_more_is_swept_by_a_later_response() -> None:
    clock, container = Clock(NOW), MemoryContainer()
    store, old, newer = ResponseStore(container, clock), stored(), stored(NOW + 5 * DAY)
    await store.keep(old)
    await store.keep(newer)
    clock.now = NOW + RETENTION + 2 * DAY
    latest = stored(clock.now)
    await store.keep(latest)
    assert len([name async for name in container.names(FOLDER)]) == 2
    assert await store.find(newer.id) is not None
    assert await store.find(latest.id) is not None


async def test_a_big_sweep_is_done_in_parts() -> None:
    clock, container = Clock(NOW), MemoryContainer()
    store = ResponseStore(container, clock)
    for _ in range(60):
        await store.keep(stored())
    clock.now = NOW + RETENTION + 2 * DAY
    await store.keep(stored(clock.now))
    assert len([name async for name in container.names(FOLDER)]) == 11
    await store.keep(stored(clock.now))
    assert len([name async for name in container.names(FOLDER)]) == 2


async def test_a_deleted_response_is_gone() -> None:
    store, response = ResponseStore(MemoryContainer(), Clock(NOW)), stored()
    await store.keep(response)
    await store.drop(response.id)
    await store.drop("nonsense")
    assert await store.find(response.id) is None


async def test_what_has_no_id_is_not_kept() -> None:
    response = msgspec.structs.replace(stored(), id="nonsense")
    with pytest.raises(ValueError, match="nonsense"):
        await ResponseStore(MemoryContainer(), Clock(NOW)).keep(response)


class _Away(MemoryContainer):
    async def get(self, name: str) -> None:
        del name
        raise StorageError("AuthorizationFailure")

    async def put(self, name: str, data: bytes) -> None:
        del name, data
        raise StorageError("AuthorizationFailure")

    async def delete(self, name: str) -> bool:
        del name
        raise StorageError("AuthorizationFailure")


@pytest.mark.parametrize("verb", ["find", "drop", "keep"])
async def test_a_container_that_fails_is_reported_as_unavailable(verb: str) -> None:
    store, response = ResponseStore(_Away(), Clock(NOW)), stored()
    with pytest.raises(Unavailable, match="AuthorizationFailure"):
        await getattr(store, verb)(response if verb == "keep" else response.id)
