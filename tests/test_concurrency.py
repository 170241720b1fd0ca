import threading

import pytest

from simulator.concurrency import OFF_LOOP_BYTES, off_loop


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
