"""What a container in memory lets go of when there is no room for it any more."""

import pytest

from simulator.storage.memory import MemoryContainer


async def names(container: MemoryContainer) -> list[str]:
    return [name async for name in container.names()]


async def test_what_was_written_first_goes_first() -> None:
    container = MemoryContainer({".responses/": 10})
    for name in "abc":
        await container.put(f".responses/{name}", b"12345")
    assert await names(container) == [".responses/b", ".responses/c"]


async def test_names_elsewhere_are_never_let_go() -> None:
    container = MemoryContainer({".responses/": 10})
    await container.put("v1/recording.json", b"1" * 100)
    await container.put(".responses/a", b"1" * 8)
    await container.put(".responses/b", b"1" * 8)
    assert await names(container) == [".responses/b", "v1/recording.json"]


@pytest.mark.parametrize("free", ["overwrite", "delete"])
async def test_what_is_overwritten_or_deleted_makes_room(free: str) -> None:
    container = MemoryContainer({".responses/": 10})
    await container.put(".responses/a", b"1234567")
    if free == "delete":
        await container.delete(".responses/a")
    else:
        await container.put(".responses/a", b"1")
    await container.put_new(".responses/b", b"1234567")
    assert ".responses/b" in await names(container)
    assert (".responses/a" in await names(container)) == (free == "overwrite")


async def test_what_is_larger_than_all_room_is_not_held() -> None:
    container = MemoryContainer({".responses/": 10})
    await container.put(".responses/a", b"1" * 11)
    assert await names(container) == []
