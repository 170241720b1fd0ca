import asyncio

import msgspec
import pytest
from msgspec import Raw, structs

from simulator.errors import InvalidRequest, Unavailable
from simulator.operations.responses import stored_items
from simulator.operations.responses.store import ResponseStore, StoredResponse
from simulator.operations.responses.stored_items import MOST_REFERENCES, StoredItems
from simulator.storage.container import Blob
from simulator.storage.memory import MemoryContainer
from simulator.storage.several import AT_ONCE
from tests.operations.responses.test_store import NOW, stored


class CountingContainer(MemoryContainer):
    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def get(self, name: str) -> Blob | None:
        self.reads += 1
        return await super().get(name)


async def _kept(container: MemoryContainer, text: str = "") -> tuple[ResponseStore, str]:
    response: StoredResponse = stored()
    identifier = msgspec.json.decode(response.context[0])["id"]
    item = Raw(msgspec.json.encode({"id": identifier, "type": "message", "text": text}))
    store = ResponseStore(container, lambda: NOW)
    await store.keep(structs.replace(response, context=[item]))
    return store, identifier


async def test_a_stored_response_is_read_once_for_all_references() -> None:
    container = CountingContainer()
    store, identifier = await _kept(container)
    items = StoredItems(store)
    for _ in range(MOST_REFERENCES):
        assert await items.find(identifier) is not None
    assert container.reads == 1
    with pytest.raises(InvalidRequest, match="more than 500 references"):
        await items.find(identifier)


async def test_the_items_referred_to_have_a_largest_size_together() -> None:
    store, identifier = await _kept(MemoryContainer(), "r" * 1_000_000)
    items = StoredItems(store)
    for _ in range(16):
        await items.find(identifier)
    with pytest.raises(InvalidRequest, match="more than 16 MB"):
        await items.find(identifier)


class SlowContainer(MemoryContainer):
    """Counts the reads that are under way at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = self.reads = 0

    async def get(self, name: str) -> Blob | None:
        self.reads += 1
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        return await super().get(name)


def many_ids(number: int) -> list[str]:
    return [f"msg_{at:016x}{'0' * 34}" for at in range(number)]


async def test_responses_that_are_referred_to_are_read_several_at_a_time() -> None:
    container = SlowContainer()
    items, identifiers = StoredItems(ResponseStore(container, lambda: NOW)), many_ids(50)
    items.expect([*identifiers, *identifiers])
    for identifier in identifiers:
        assert await items.find(identifier) is None
    assert (container.most, container.reads) == (AT_ONCE, 50)


async def test_responses_that_cannot_be_read_in_time_are_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    container = SlowContainer()
    monkeypatch.setattr(stored_items, "SECONDS", 0.0)
    items, identifiers = StoredItems(ResponseStore(container, lambda: NOW)), many_ids(50)
    with pytest.raises(Unavailable, match="cannot be read in time"):
        await items.find(identifiers[0])
