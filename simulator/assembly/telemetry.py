"""The telemetry that the settings ask for."""

import time
from collections.abc import Callable, Iterable

from simulator.configuration.settings import LogFormat, Settings
from simulator.journal.journal import Journal
from simulator.recordings.redaction import Redact, Redaction
from simulator.recordings.secret_members import MEMBERS
from simulator.telemetry.journal_bodies import JournalBodies
from simulator.telemetry.logs import REQUESTS, console_lines
from simulator.telemetry.observer import Telemetry
from simulator.telemetry.request_line import RequestLine, coloured_line, json_line, text_line
from simulator.telemetry.request_log import RequestLog


def create_telemetry(
    settings: Settings,
    deployments: Iterable[str],
    now: Callable[[], float] = time.time,
    journal: Journal | None = None,
    redactions: tuple[Redact, ...] = (),
) -> Telemetry:
    """`deployments` are the names known in advance, `now` is in seconds since 1970; raises
    `SettingError`."""
    bodies = _bodies(settings, redactions) if settings.journal_bodies else None
    shown = console_lines(REQUESTS)
    form = _line_form(settings.log_format, terminal=shown is not None and shown.terminal)
    log = RequestLog(shown and shown.add, form)
    asked_for = (
        settings.otlp_endpoint or settings.application_insights or settings.metrics_prometheus
    )
    if not asked_for:
        return Telemetry(log, time.monotonic, now, journal=journal, bodies=bodies)
    from simulator.telemetry.exporters import create_exporting

    return create_exporting(settings, log, deployments, now, journal, bodies)


def _line_form(chosen: LogFormat, *, terminal: bool) -> Callable[[RequestLine], str]:
    """Text is for people, and `auto` takes a terminal for one; colours are for terminals alone."""
    if chosen == "json" or (chosen == "auto" and not terminal):
        return json_line
    return coloured_line if terminal else text_line


def _bodies(settings: Settings, redactions: tuple[Redact, ...]) -> JournalBodies:
    redaction = Redaction((*MEMBERS, *settings.recording_mask), redactions)
    return JournalBodies(redaction.bodies)
