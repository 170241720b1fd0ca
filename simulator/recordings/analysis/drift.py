"""Drift: recordings whose answers have another shape by now, and the report of it."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from simulator.errors import ApiError
from simulator.latency import Sleep
from simulator.recordings.analysis.reading import Progress, exchanges, recorded_names
from simulator.recordings.analysis.requests import can_be_asked
from simulator.recordings.analysis.shapes import differences
from simulator.recordings.exchange import Exchange
from simulator.recordings.store import RecordingStore

Ask = Callable[[Exchange], Awaitable[Exchange]]
"""Gets the answer of today to a recorded request; raises `ApiError` if there is none."""

_THROTTLED = 429
_REFUSALS = (401, 403)
_ATTEMPTS = 5
_LONGEST_WAIT = 90.0
"""Seconds for which a resource without room is waited for; it may say a day."""
_UNPRINTABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML has no way to write."""


class CallerRefused(Exception):
    """The resource lets nobody in with what it was asked with, so that nothing can be compared."""


class Checked(msgspec.Struct, frozen=True):
    """A recording and what is different about its answer; `error` is why it could not be asked."""

    recording: str
    request: str
    differences: tuple[str, ...] = ()
    error: str = ""

    @property
    def drifted(self) -> bool:
        return bool(self.differences or self.error)


@dataclass(frozen=True, slots=True)
class Report:
    """`skipped` are recordings that cannot be asked again: broken ones, and those of one stored item."""

    checked: Sequence[Checked]
    skipped: int

    @property
    def drifted(self) -> list[Checked]:
        return [one for one in self.checked if one.drifted]


async def check_drift(
    store: RecordingStore,
    ask: Ask,
    progress: Progress,
    sleep: Sleep,
    sample: int | None = None,
) -> Report:
    """Ask for each recording, or a sample, again; a resource that refuses for want of room is waited
    for. Raises `StorageError` and `CallerRefused`.
    """
    found = await recorded_names(store.container, sample)
    checked: list[Checked] = []
    skipped = 0
    async for name, exchange in exchanges(store, found, lambda _, __: None):
        if exchange is None or not can_be_asked(exchange.request):
            skipped += 1
        else:
            checked.append(await _check(name, exchange, ask, sleep))
        progress(len(checked) + skipped, len(found))
    return Report(checked, skipped)


async def _check(name: str, recorded: Exchange, ask: Ask, sleep: Sleep) -> Checked:
    of_fleet = f"{recorded.request.resource} " if recorded.request.resource else ""
    request = f"{of_fleet}{recorded.request.method} {recorded.request.path}"
    try:
        now = await _ask_patiently(recorded, ask, sleep)
    except ApiError as error:
        return Checked(name, request, error=f"{error.status}: {error.message}")
    if now.status in _REFUSALS and now.status != recorded.status:
        place = f"the resource {recorded.request.resource}" if of_fleet else "the resource"
        raise CallerRefused(f"{place} answers {now.status} to {request}")
    if now.status == _THROTTLED != recorded.status:
        return Checked(name, request, error="429: the resource had no room for the request")
    return Checked(name, request, tuple(differences(recorded, now)))


async def _ask_patiently(recorded: Exchange, ask: Ask, sleep: Sleep) -> Exchange:
    """Ask again after `retry-after` where there is no room, if the recording is of something else."""
    now = await ask(recorded)
    for _ in range(_ATTEMPTS - 1):
        wait = _retry_after(now.headers)
        if now.status != _THROTTLED or recorded.status == _THROTTLED or wait > _LONGEST_WAIT:
            break
        await sleep(wait)
        now = await ask(recorded)
    return now


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return max(0.0, float(headers.get("retry-after", "1")))
    except ValueError:
        return 1.0


def as_text(report: Report) -> str:
    drifted = report.drifted
    lines = [f"{len(report.checked)} recordings checked, {len(drifted)} drifted"]
    if report.skipped:
        lines[0] += f", {report.skipped} skipped"
    for one in drifted:
        lines.append(f"{one.recording} ({one.request})")
        lines += [f"    {difference}" for difference in (one.error, *one.differences) if difference]
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> str:
    document = {
        "checked": len(report.checked),
        "skipped": report.skipped,
        "drifted": report.drifted,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def as_junit(report: Report) -> str:
    """A JUnit document with a test case for each recording."""
    suite = ET.Element(
        "testsuite",
        name="drift of recordings",
        tests=str(len(report.checked)),
        failures=str(len(report.drifted)),
    )
    for one in report.checked:
        request = _UNPRINTABLE.sub("\ufffd", one.request)
        case = ET.SubElement(suite, "testcase", classname=request, name=one.recording)
        if one.drifted:
            text = "\n".join(filter(None, (one.error, *one.differences)))
            failure = ET.SubElement(case, "failure", message="another shape")
            failure.text = _UNPRINTABLE.sub("\ufffd", text)
    document: Any = ET.tostring(suite, encoding="unicode")
    return f"{document}\n"
