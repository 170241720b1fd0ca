"""Drift: recordings whose answers have another shape by now, and the report of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from simulator.errors import ApiError
from simulator.messages import Request
from simulator.recordings.analysis.reading import Progress, exchanges, recorded_names
from simulator.recordings.analysis.shapes import differences
from simulator.recordings.exchange import Exchange
from simulator.recordings.store import RecordingStore

Ask = Callable[[Request], Awaitable[Exchange]]
"""Gets the answer of today; raises `ApiError` if there is none."""

_ASKED_AGAIN = frozenset({"GET", "POST"})


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
    store: RecordingStore, ask: Ask, progress: Progress, sample: int | None = None
) -> Report:
    """Ask for each recording, or a sample, again. Raises `StorageError`."""
    found = await recorded_names(store.container, sample)
    checked: list[Checked] = []
    skipped = 0
    async for name, exchange in exchanges(store, found, lambda _, __: None):
        if exchange is None or not _can_be_asked(exchange.request):
            skipped += 1
        else:
            checked.append(await _check(name, exchange, ask))
        progress(len(checked) + skipped, len(found))
    return Report(checked, skipped)


def _can_be_asked(request: Request) -> bool:
    """Not what is about one stored item, which is another one by now, and nothing that deletes."""
    return request.method in _ASKED_AGAIN and "resp_" not in request.path


async def _check(name: str, recorded: Exchange, ask: Ask) -> Checked:
    of_fleet = f"{recorded.request.resource} " if recorded.request.resource else ""
    request = f"{of_fleet}{recorded.request.method} {recorded.request.path}"
    try:
        now = await ask(recorded.request)
    except ApiError as error:
        return Checked(name, request, error=f"{error.status}: {error.message}")
    return Checked(name, request, tuple(differences(recorded, now)))


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
        case = ET.SubElement(suite, "testcase", classname=one.request, name=one.recording)
        if one.drifted:
            text = "\n".join(filter(None, (one.error, *one.differences)))
            ET.SubElement(case, "failure", message="another shape").text = text
    document: Any = ET.tostring(suite, encoding="unicode")
    return f"{document}\n"
