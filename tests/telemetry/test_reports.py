"""Reports: made together in the next round of the event loop, each of them once, in order."""

import asyncio

from simulator.telemetry.reports import Reports


def test_without_an_event_loop_a_report_is_made_at_once() -> None:
    made: list[int] = []
    Reports(made.extend).add(1)
    assert made == [1]


async def test_reports_of_a_round_are_made_in_the_next_one() -> None:
    made: list[int] = []
    reports = Reports(made.extend)
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
    reports = Reports(made.extend)
    reports.add(1)
    reports.flush()
    assert made == [1]
    await asyncio.sleep(0)
    assert made == [1]
