"""Reports: made together in the next round of the event loop, each of them once, in order."""

import asyncio

import pytest

from simulator.telemetry.reports import Reports


def test_without_an_event_loop_a_report_is_made_at_once() -> None:
    made: list[int] = []
    Reports(made.append).add(1)
    assert made == [1]


async def test_reports_of_a_round_are_made_in_the_next_one() -> None:
    made: list[int] = []
    reports = Reports(made.append)
    for number in range(3):
        reports.add(number)
    assert made == []
    await asyncio.sleep(0)
    assert made == [0, 1, 2]
    reports.add(3)
    await asyncio.sleep(0)
    assert made == [0, 1, 2, 3]


async def test_flushed_reports_are_made_once() -> None:
    made: list[int] = []
    reports = Reports(made.append)
    reports.add(1)
    reports.flush()
    assert made == [1]
    await asyncio.sleep(0)
    assert made == [1]


async def test_a_report_that_fails_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made: list[float] = []
    reports = Reports[int](lambda number: made.append(1 / number))
    for number in (1, 0, 2):
        reports.add(number)
    await asyncio.sleep(0)
    assert made == [1.0, 0.5]
    assert "a request could not be reported" in caplog.text
