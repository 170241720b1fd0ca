import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.concurrency import OFF_LOOP_BYTES, Ending, SingleFlight, loaded, off_loop


@pytest.mark.parametrize(
    ("size", "on_the_loop"), [(0, True), (OFF_LOOP_BYTES, True), (OFF_LOOP_BYTES + 1, False)]
)
async def test_only_work_on_a_large_body_leaves_the_event_loop(
    size: int, on_the_loop: bool
) -> None:
    worked = await off_loop(size, threading.get_ident)
    assert (worked == threading.get_ident()) is on_the_loop


@pytest.mark.parametrize("size", [0, OFF_LOOP_BYTES + 1])
async def test_what_the_work_raises_reaches_its_caller(size: int) -> None:
    def work() -> None:
        raise KeyError("lost")

    with pytest.raises(KeyError, match="lost"):
        await off_loop(size, work)


async def test_who_waits_gets_the_first_result_of_the_one_that_has_begun() -> None:
    flights: SingleFlight[int] = SingleFlight()
    land = flights.begin("a")
    waiting = asyncio.create_task(flights.landed("a", 10))
    await asyncio.sleep(0)
    land(1)
    land(2)
    assert await waiting == 1
    assert await flights.landed("a", 10) is None


async def test_who_waits_too_long_gets_nothing() -> None:
    flights: SingleFlight[int] = SingleFlight()
    flights.begin("a")
    assert await flights.landed("a", 0) is None


async def test_nobody_waits_for_the_second_that_begins() -> None:
    flights: SingleFlight[int] = SingleFlight()
    first, second = flights.begin("a"), flights.begin("a")
    second(2)
    first(1)
    await asyncio.sleep(0)
    assert await flights.landed("a", 10) is None


async def numbers() -> AsyncIterator[int]:
    yield 1
    yield 2


@pytest.mark.parametrize("taken", [0, 1, 2, 3])
async def test_the_end_comes_once_however_much_was_taken(taken: int) -> None:
    ends: list[int] = []

    async def at_end() -> None:
        ends.append(taken)

    items = Ending(numbers(), at_end)
    found = [item async for item in _first(items, taken)]
    await items.aclose()
    await items.aclose()
    assert (found, ends) == ([1, 2][:taken], [taken])


async def _first(items: AsyncIterator[int], count: int) -> AsyncIterator[int]:
    for _ in range(count):
        item = await anext(items, None)
        if item is not None:
            yield item


async def test_a_large_library_is_imported_on_a_thread_before_its_first_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "large_library.py").write_text("import threading\nthread = threading.get_ident()\n")
    await loaded("json", "large_library")
    library = sys.modules.pop("large_library")
    assert library.thread != threading.get_ident()
