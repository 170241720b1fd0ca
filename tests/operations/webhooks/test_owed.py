"""Deliveries that are owed: kept in the container, and gone on with by whoever comes next."""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs

from simulator.operations.webhooks.delivery import LONGEST_OWED, MOST_REPEATED, RESUME_EVERY, WAITS
from simulator.operations.webhooks.owed import LEASE, OWED, Owed, OwedStore
from simulator.storage.container import Container
from simulator.storage.folder import FolderContainer
from simulator.storage.memory import MemoryContainer
from tests.operations.batches.instance import Instance as WholeInstance
from tests.operations.batches.instance import jsonl, lines
from tests.operations.webhooks.test_delivery import NOW, Broken, Instance, ended, endpoint
from tests.support.webhook_receiver import Receiver


def owed(number: int = 0, *, due: float = NOW, tried: int = 0) -> Owed:
    return Owed(
        resource="",
        endpoint=endpoint().id,
        ended=ended(f"resp_{number}"),
        due=due,
        tried=tried,
    )


async def left(container: Container) -> list[Owed]:
    """What the container says is owed."""
    store = OwedStore(container)
    found = [await store.find(name) for name in await store.names(10_000)]
    return [one for one in found if one is not None]


async def hang(_: float) -> None:
    await asyncio.Event().wait()


async def begun(instance: Instance, *, sent: int) -> None:
    """Wait until an instance has sent so much, and waits for what comes next."""
    while len(instance.sent) < sent or not await left(instance.container):  # noqa: ASYNC110 - no event says so
        await asyncio.sleep(0)
    for _ in range(10):
        await asyncio.sleep(0)


async def test_another_instance_goes_on_with_what_one_has_left() -> None:
    container = MemoryContainer()
    one, other = Instance(container, 500), Instance(container)
    one.webhooks = one.made(hang)
    await one.store.add("", endpoint())
    await one.webhooks.passed("", ended())
    await begun(one, sent=1)
    await one.webhooks.close()
    [found] = await left(container)
    assert (found.due, found.tried) == (NOW + WAITS[0], 1)
    await other.webhooks.fresh()
    await other.end()
    assert other.ids == one.ids
    assert other.waited == [WAITS[0] + 2]
    assert await left(container) == []


async def test_a_delivery_that_was_under_way_when_its_instance_died_is_tried_again() -> None:
    container = MemoryContainer()
    one, other = Instance(container), Instance(container)
    await one.store.add("", endpoint())
    await one.owed.add(owed())
    assert await one.owed.take(owed().name, NOW, NOW) is not None
    await other.webhooks.fresh()
    await other.end()
    assert len(other.sent) == 1
    assert other.waited == [LEASE + 2]


async def test_an_accepted_delivery_is_owed_no_more() -> None:
    instance = Instance(MemoryContainer())
    await instance.store.add("", endpoint())
    await instance.webhooks.passed("", ended())
    await instance.end()
    assert len(instance.sent) == 1
    assert await left(instance.container) == []


@pytest.mark.parametrize("folder", [False, True])
async def test_instances_that_try_at_once_send_once(folder: bool, tmp_path: Path) -> None:
    container = FolderContainer(tmp_path) if folder else MemoryContainer()
    several = [Instance(container) for _ in range(4)]
    await several[0].store.add("", endpoint())
    for number in range(5):
        await several[0].owed.add(owed(number, tried=3))
    for instance in several:
        instance.webhooks = instance.made(hang)
        await instance.webhooks.fresh()
    while await left(container):  # noqa: ASYNC110 - no event says so
        await asyncio.sleep(0)
    for instance in several:
        await instance.webhooks.close()
    sent = [one for instance in several for one in instance.ids]
    assert len(sent) == len({*sent}) == 5
    assert await left(container) == []
    await container.close()


async def test_an_instance_looks_at_the_first_request_and_then_only_so_often() -> None:
    instance = Instance(MemoryContainer())
    await instance.store.add("", endpoint())
    assert instance.webhooks.due < instance.clock()
    await instance.webhooks.fresh()
    await instance.end()
    await instance.owed.add(owed())
    await instance.webhooks.fresh()
    await instance.end()
    assert instance.sent == []
    assert instance.webhooks.due == NOW + RESUME_EVERY
    instance.clock.now += RESUME_EVERY
    await instance.webhooks.fresh()
    await instance.end()
    assert len(instance.sent) == 1


@pytest.mark.parametrize(
    ("found", "tries"),
    [(owed(tried=len(WAITS)), 1), (owed(tried=len(WAITS) - 1), 2), (owed(tried=0), 10)],
)
async def test_tries_of_all_instances_count(found: Owed, tries: int) -> None:
    instance = Instance(MemoryContainer(), *[500] * 20)
    await instance.store.add("", endpoint())
    await instance.owed.add(found)
    await instance.webhooks.fresh()
    await instance.end()
    assert len(instance.sent) == tries
    assert await left(instance.container) == []


async def test_old_news_is_tried_once_more_and_given_up() -> None:
    instance = Instance(MemoryContainer(), *[500] * 20)
    await instance.store.add("", endpoint())
    await instance.owed.add(owed())
    instance.clock.now += LONGEST_OWED + 1
    await instance.webhooks.fresh()
    await instance.end()
    assert len(instance.sent) == 1
    assert await left(instance.container) == []


async def test_nothing_is_owed_to_an_endpoint_that_is_gone() -> None:
    instance = Instance(MemoryContainer())
    await instance.owed.add(owed())
    await instance.webhooks.fresh()
    await instance.end()
    assert instance.sent == []
    assert await left(instance.container) == []


async def test_an_instance_takes_on_a_bounded_number() -> None:
    instance = Instance(MemoryContainer())
    instance.webhooks = instance.made(hang)
    for number in range(MOST_REPEATED + 3):
        await instance.owed.add(owed(number, due=NOW + 5))
    for _ in range(3):
        await instance.webhooks.fresh()
        for _ in range(20):
            await asyncio.sleep(0)
        instance.clock.now += RESUME_EVERY - 29
    assert len(instance.webhooks.under_way) == MOST_REPEATED
    await instance.webhooks.close()
    assert len(await left(instance.container)) == MOST_REPEATED + 3


async def test_a_container_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    instance = Instance(Broken())
    await instance.webhooks.fresh()
    await instance.end()
    assert "was not sent" in caplog.text


async def test_what_somebody_else_has_begun_is_not_postponed() -> None:
    store = OwedStore(MemoryContainer())
    await store.add(owed())
    taken = await store.take(owed().name, NOW, NOW)
    assert taken is not None
    assert await store.take(owed().name, NOW, NOW) is None
    later = await store.take(owed().name, NOW + LEASE, NOW + LEASE)
    await store.postpone(taken, NOW + 5)
    assert await store.find(owed().name) == later
    await store.settle(owed().name)
    await store.postpone(structs.replace(taken, tried=2), NOW + 5)
    assert await store.find(owed().name) is None


async def test_a_simulator_that_is_started_anew_goes_on_with_any_request(
    tmp_path: Path, receiver: Receiver
) -> None:
    """Over a socket, with the store of a folder: the first request of whatever kind has it delivered."""
    kept = tmp_path / "kept"
    receiver.answers["/anew"] = [500]
    first = WholeInstance(tmp_path, recording_dir=str(kept))
    made = {"name": "a", "url": f"{receiver.url}/anew", "event_types": ["batch.completed"]}
    assert (await first.ask("POST", "webhook_endpoints", made)).status == 201
    batch = await first.create(jsonl(lines(1)))
    await first.get(batch, after=100)
    await receiver.arrived("/anew", 1)
    while not [one for one in _documents(kept) if b'"tried":1' in one]:  # noqa: ASYNC110 - no event says so
        await asyncio.sleep(0.01)
    await first.simulator.close()
    second = WholeInstance(tmp_path, recording_dir=str(kept))
    second.now = first.now + 3_600
    chat = {"model": "live", "messages": [{"role": "user", "content": "Hi"}]}
    assert (await second.ask("POST", "chat/completions", chat)).status == 200
    one, other = await receiver.arrived("/anew", 2)
    assert one.body == other.body
    while _documents(kept):  # noqa: ASYNC110 - no event says so
        await asyncio.sleep(0.01)
    await second.simulator.close()


def _documents(kept: Path) -> Sequence[bytes]:
    found: list[bytes] = []
    for path in (kept / OWED).rglob("*.json"):
        with contextlib.suppress(FileNotFoundError):  # removed since it was listed
            found.append(path.read_bytes())
    return found
