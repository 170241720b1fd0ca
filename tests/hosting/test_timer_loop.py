import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import azure.functions as func
import pytest

from simulator.hosting.timer_loop import run_timer
from simulator.hosting.triggers import TimerTrigger, read_triggers
from tests.support.clock import Clock

START = datetime(2026, 3, 1, 11, 59, 30, tzinfo=UTC).timestamp()


class Time(Clock):
    """Passes when it is slept on, `sleeps` times."""

    def __init__(self, sleeps: int) -> None:
        super().__init__(START)
        self._sleeps = sleeps

    async def sleep(self, seconds: float) -> None:
        if not self._sleeps:
            raise asyncio.CancelledError
        self._sleeps -= 1
        self.now += seconds


async def run(
    handler: Callable[[Any], Awaitable[Any]], sleeps: int, time: Time | None = None
) -> None:
    time = time or Time(sleeps)
    with pytest.raises(asyncio.CancelledError):
        await run_timer(TimerTrigger("tick", "0 */5 * * * *", handler), time, time.sleep)


async def test_a_timer_is_called_at_the_moments_of_its_schedule() -> None:
    time, moments = Time(3), list[float]()

    async def tick(timer: func.TimerRequest) -> None:
        assert timer.past_due is False
        moments.append(time.now - START)

    await run(tick, 3, time)
    assert moments == [30, 330, 630]


async def test_moments_that_pass_while_the_handler_runs_are_left_out() -> None:
    time, moments = Time(2), list[float]()

    async def slow(timer: func.TimerRequest) -> None:
        moments.append(time.now - START)
        time.now += 700

    await run(slow, 2, time)
    assert moments == [30, 930]


async def test_a_timer_that_fails_is_logged_and_called_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(timer: func.TimerRequest) -> None:
        raise RuntimeError("no storage")

    await run(fail, 2)
    assert [record.getMessage() for record in caplog.records] == ["the timer tick failed"] * 2


async def test_a_synchronous_handler_runs_on_a_thread(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    threads = list[threading.Thread]()

    def tick(timer: func.TimerRequest) -> None:
        threads.append(threading.current_thread())

    app = func.FunctionApp()
    app.timer_trigger("timer", "* * * * * *")(tick)
    (timer,) = read_triggers(app.get_functions()).timers
    await timer.handler(object())
    assert threads != [threading.main_thread()]
