"""Conversations as they are stored: for all instances, whole, bounded, and locked while a turn is made."""

import random
from typing import Any

import msgspec
import pytest
from msgspec import Raw, structs

from simulator.errors import ApiError, InvalidRequest, ItemNotFound, Unavailable
from simulator.latency import Tempo
from simulator.operations.conversations.store import (
    MOST_BYTES,
    MOST_ITEMS,
    RETENTION,
    StoredConversation,
    conversation_id,
)
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from tests.operations.responses.instances import NOW, Instance

# 16 tokens: the last of them after 8.5 seconds.
TEMPO = Tempo(1.0, 0.5)
FINISHED = 8.5
_RNG = random.Random(3)


async def conversation(instance: Instance, *items: dict[str, Any], resource: str = "") -> str:
    now = instance.clock.now
    made = StoredConversation(
        id=conversation_id(now, _RNG),
        created=int(now),
        metadata={},
        items=[Raw(msgspec.json.encode(item)) for item in items],
        resource=resource,
    )
    await instance.conversations.add(made)
    return made.id


async def kinds(instance: Instance, identifier: str) -> list[str]:
    found = (await instance.conversations.get(identifier, "")).conversation
    return [msgspec.json.decode(item)["type"] for item in found.items]


async def in_background(instance: Instance, identifier: str) -> str:
    body = await instance.create(background=True, max_output_tokens=16, conversation=identifier)
    return body["id"]


async def code_of(instance: Instance, **body: Any) -> str | None:
    with pytest.raises(InvalidRequest) as refusal:
        await instance.create(**body)
    return refusal.value.code


async def test_a_turn_in_the_background_appears_when_it_is_done() -> None:
    container = MemoryContainer()
    one, other = Instance(container, tempo=TEMPO), Instance(container)
    identifier = await conversation(one)
    await in_background(one, identifier)
    other.clock.now = NOW + FINISHED - 0.01
    assert await kinds(other, identifier) == []
    other.clock.now = NOW + FINISHED
    assert await kinds(other, identifier) == ["message", "message"]


async def test_a_conversation_is_locked_while_a_turn_is_made() -> None:
    instance = Instance(tempo=TEMPO)
    identifier = await conversation(instance)
    await in_background(instance, identifier)
    assert await code_of(instance, conversation=identifier) == "conversation_locked"
    instance.clock.now += FINISHED
    await instance.create(conversation=identifier)
    assert len(await kinds(instance, identifier)) == 4


async def test_a_cancelled_turn_is_not_added() -> None:
    instance = Instance(tempo=TEMPO)
    identifier = await conversation(instance)
    response = await in_background(instance, identifier)
    await instance.cancel(response)
    instance.clock.now += FINISHED
    assert await kinds(instance, identifier) == []


async def test_a_turn_of_a_deleted_conversation_can_be_cancelled() -> None:
    instance = Instance(tempo=TEMPO)
    identifier = await conversation(instance)
    response = await in_background(instance, identifier)
    await instance.conversations.delete(
        (await instance.conversations.get(identifier, "")).conversation
    )
    assert (await instance.cancel(response))["status"] == "cancelled"


class Faster(MemoryContainer):
    """A container in which somebody else writes before each of some writes."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._times = times

    async def put_if_same(self, name: str, data: bytes, etag: str) -> bool:
        self._times -= 1
        return False if self._times >= 0 else await super().put_if_same(name, data, etag)


async def test_of_two_turns_at_once_one_is_refused() -> None:
    instance = Instance(Faster(1))
    identifier = await conversation(instance)
    assert await code_of(instance, conversation=identifier) == "conversation_locked"
    assert await kinds(instance, identifier) == []


@pytest.mark.parametrize(("times", "changed"), [(1, True), (100, False)])
async def test_a_change_is_made_again_if_somebody_was_faster(times: int, changed: bool) -> None:
    instance = Instance(Faster(times))
    identifier = await conversation(instance)
    change = instance.conversations.change(
        identifier, "", lambda found: structs.replace(found, metadata={"a": "b"})
    )
    if changed:
        assert (await change).metadata == {"a": "b"}
    else:
        with pytest.raises(InvalidRequest, match="Another process"):
            await change


async def test_a_conversation_is_kept_for_ninety_days() -> None:
    instance = Instance()
    identifier = await conversation(instance)
    instance.clock.now = int(NOW) + RETENTION
    assert await kinds(instance, identifier) == []
    instance.clock.now += 1
    with pytest.raises(ItemNotFound):
        await kinds(instance, identifier)


async def test_old_conversations_are_removed_by_and_by() -> None:
    instance = Instance()
    old = await conversation(instance)
    instance.clock.now += RETENTION + 2 * 86_400
    new = await conversation(instance)
    names = [name async for name in instance.container.names(".conversations/")]
    assert [old in name for name in names] == [False]
    assert new in names[0]


async def test_a_conversation_is_its_resources_own() -> None:
    instance = Instance()
    identifier = await conversation(instance, resource="west")
    with pytest.raises(ItemNotFound):
        await instance.conversations.get(identifier, "east")


@pytest.mark.parametrize(("number", "size"), [(MOST_ITEMS, 4), (2, MOST_BYTES // 2)])
async def test_a_conversation_has_only_so_much_room(number: int, size: int) -> None:
    instance = Instance()
    identifier = await conversation(instance)
    item = Raw(b'"' + b"x" * (size - 2) + b'"')

    def filled(items: int) -> Any:
        return instance.conversations.change(
            identifier, "", lambda found: structs.replace(found, items=[item] * items)
        )

    await filled(number)
    with pytest.raises(InvalidRequest, match="too long"):
        await filled(number + 1)


class Broken(MemoryContainer):
    async def get(self, name: str) -> Any:
        raise StorageError(name)

    async def put(self, name: str, data: bytes) -> None:
        raise StorageError(name)

    async def put_if_same(self, name: str, data: bytes, etag: str) -> bool:
        raise StorageError(name)

    async def delete(self, name: str) -> bool:
        raise StorageError(name)


async def test_a_container_that_fails_is_reported() -> None:
    instance, made = Instance(Broken()), Instance()
    kept = await made.conversations.get(await conversation(made), "")
    for work in (
        instance.conversations.add(kept.conversation),
        instance.conversations.get(kept.conversation.id, ""),
        instance.conversations.put(kept, kept.conversation),
        instance.conversations.delete(kept.conversation),
    ):
        with pytest.raises(Unavailable):
            await work
    assert issubclass(Unavailable, ApiError)
