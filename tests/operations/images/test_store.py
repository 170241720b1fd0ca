"""Images that are kept until they expire."""

import urllib.parse
from collections.abc import AsyncIterator

import pytest

from simulator.errors import Unavailable
from simulator.operations.images.store import FOLDER, RETENTION, ImageExpired, ImageStore
from simulator.storage.container import Blob, StorageError
from simulator.storage.memory import MemoryContainer
from tests.support.clock import Clock

NOON = 1_800_000_000.0


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def container() -> MemoryContainer:
    return MemoryContainer()


@pytest.fixture
def store(container: MemoryContainer, clock: Clock) -> ImageStore:
    return ImageStore(container, clock)


def _parts(address: str) -> tuple[str, dict[str, str]]:
    path, _, query = address.partition("?")
    return path.split("/")[3], dict(urllib.parse.parse_qsl(query))


async def _names(container: MemoryContainer) -> list[str]:
    return [name async for name in container.names(FOLDER)]


async def test_an_image_is_fetched_by_its_address(store: ImageStore) -> None:
    assert await store.fetch(*_parts(await store.publish(b"png"))) == b"png"


async def test_the_address_says_when_it_expires(store: ImageStore) -> None:
    _, query = _parts(await store.publish(b"png"))
    assert query["se"] == "2027-01-16T08:00:00Z"


async def test_addresses_differ(store: ImageStore) -> None:
    assert await store.publish(b"png") != await store.publish(b"png")


async def test_an_image_expires_on_time(store: ImageStore, clock: Clock) -> None:
    address = _parts(await store.publish(b"png"))
    clock.now += RETENTION - 1
    assert await store.fetch(*address) == b"png"
    clock.now += 1
    with pytest.raises(ImageExpired):
        await store.fetch(*address)


async def test_a_fetch_of_an_expired_image_removes_it(
    store: ImageStore, clock: Clock, container: MemoryContainer
) -> None:
    address = _parts(await store.publish(b"png"))
    clock.now += RETENTION
    with pytest.raises(ImageExpired):
        await store.fetch(*address)
    assert await _names(container) == []


async def test_a_new_image_removes_the_expired_ones_alone(
    store: ImageStore, clock: Clock, container: MemoryContainer
) -> None:
    await store.publish(b"old")
    clock.now += RETENTION / 2
    kept = _parts(await store.publish(b"young"))
    clock.now += RETENTION / 2
    await store.publish(b"new")
    assert len(await _names(container)) == 2
    assert await store.fetch(*kept) == b"young"


async def test_few_images_are_removed_at_a_time(
    store: ImageStore, clock: Clock, container: MemoryContainer
) -> None:
    for _ in range(60):
        await store.publish(b"old")
    clock.now += RETENTION
    await store.publish(b"new")
    assert len(await _names(container)) == 11


async def test_a_longer_life_cannot_be_asked_for(store: ImageStore) -> None:
    image, query = _parts(await store.publish(b"png"))
    assert await store.fetch(image, {**query, "se": "2037-01-01T00:00:00Z"}) is None


@pytest.mark.parametrize("expiry", ["", "tomorrow", "2027-01-16", "9" * 400])
async def test_an_address_without_its_expiry_is_expired(store: ImageStore, expiry: str) -> None:
    image, _ = _parts(await store.publish(b"png"))
    with pytest.raises(ImageExpired):
        await store.fetch(image, {"se": expiry})


@pytest.mark.parametrize("image", ["..", "", "0" * 36, "a/b"])
async def test_what_is_no_name_of_an_image_is_not_found(store: ImageStore, image: str) -> None:
    assert await store.fetch(image, {"se": "2037-01-01T00:00:00Z"}) is None


class Away(MemoryContainer):
    async def get(self, name: str) -> Blob | None:
        raise StorageError("away")

    async def put(self, name: str, data: bytes) -> None:
        raise StorageError("away")

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        for name in ():
            yield name


async def test_an_unreachable_container_is_reported(clock: Clock, store: ImageStore) -> None:
    address = _parts(await store.publish(b"png"))
    away = ImageStore(Away(), clock)
    with pytest.raises(Unavailable, match="away"):
        await away.publish(b"png")
    with pytest.raises(Unavailable, match="away"):
        await away.fetch(*address)
