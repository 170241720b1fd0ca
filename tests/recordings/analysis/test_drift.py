"""The check for drift: a resource without room is waited for, and reports are well-formed."""

import time
from xml.etree import ElementTree as ET

import pytest

from simulator.messages import Request
from simulator.recordings.analysis.drift import (
    CallerRefused,
    Checked,
    Report,
    as_junit,
    check_drift,
)
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.store import RecordingStore
from simulator.storage.memory import MemoryContainer

CHAT = Request("POST", "/openai/deployments/chat/chat/completions", body=b"{}")


def answer(status: int = 200, **headers: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Exchange(CHAT, status, named, (Piece(b"{}", 0),), 0)


async def checked(recorded: Exchange, *answers: Exchange) -> tuple[Report, list[float]]:
    """The report where the resource answers so, and what was waited for between its answers."""
    store = RecordingStore(MemoryContainer(), time.monotonic)
    await store.keep(f"v1/chat/chat-completions/{1:032x}.json", recorded)
    coming = iter(answers)
    waited: list[float] = []

    async def ask(_: Exchange) -> Exchange:
        return next(coming)

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    return await check_drift(store, ask, lambda _, __: None, sleep), waited


async def test_a_resource_without_room_is_asked_again_when_it_has_some() -> None:
    report, waited = await checked(
        answer(),
        answer(429, retry_after="7"),
        answer(429, retry_after="soon"),
        answer(429),
        answer(),
    )
    assert not report.drifted
    assert waited == [7, 1, 1]


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        ([answer(429, retry_after="86400")], []),
        ([answer(429, retry_after="2")] * 5, [2, 2, 2, 2]),
    ],
)
async def test_waiting_for_room_has_an_end(answers: list[Exchange], waits: list[float]) -> None:
    report, waited = await checked(answer(), *answers)
    assert [one.error for one in report.drifted] == [
        "429: the resource had no room for the request"
    ]
    assert waited == waits


@pytest.mark.parametrize("status", [401, 403])
async def test_a_resource_that_lets_nobody_in_ends_the_check(status: int) -> None:
    with pytest.raises(CallerRefused, match=f"^the resource answers {status} to POST /openai"):
        await checked(answer(), answer(status))


async def test_a_recorded_401_is_compared() -> None:
    report, _ = await checked(answer(401), answer(401))
    assert not report.drifted


async def test_a_recorded_429_is_compared_and_not_waited_for() -> None:
    report, waited = await checked(answer(429, retry_after="9"), answer(429, retry_after="9"))
    assert not report.drifted
    assert waited == []
    report, _ = await checked(answer(429), answer())
    assert report.drifted[0].differences == ("status: 429, now 200",)


def test_a_report_is_xml_whatever_the_members_are_called() -> None:
    one = Checked("v1/x.json", "POST /a\x00b", ("body.\x01\ud800 is new",))
    suite = ET.fromstring(as_junit(Report([one], 0)))  # noqa: S314 - our own document
    assert suite.findtext("testcase/failure") == "body.\ufffd\ufffd is new"
