"""The telemetry that the settings ask for."""

import time
from collections.abc import Iterable

from simulator.configuration.settings import Settings
from simulator.journal.journal import Journal
from simulator.telemetry.logs import REQUESTS, line_writer
from simulator.telemetry.observer import Telemetry
from simulator.telemetry.request_log import RequestLog


def create_telemetry(
    settings: Settings, deployments: Iterable[str], journal: Journal | None = None
) -> Telemetry:
    """`deployments` are the names known in advance; raises `SettingError`."""
    log = RequestLog(time.time, line_writer(REQUESTS))
    asked_for = (
        settings.otlp_endpoint or settings.application_insights or settings.metrics_prometheus
    )
    if not asked_for:
        return Telemetry(log, time.monotonic, journal=journal, bodies=settings.journal_bodies)
    from simulator.telemetry.exporters import create_exporting

    return create_exporting(settings, log, deployments, journal)
