import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.assembly.telemetry import create_telemetry
from simulator.configuration.settings import SettingError, Settings

ROOT = Path(__file__).parents[2]
LOADED = """
import sys, function_app
heavy = ("opentelemetry.sdk", "opentelemetry.exporter", "azure.monitor", "prometheus_client",
         "simulator.telemetry.instruments", "google.protobuf", "aiohttp", "fastapi", "pydantic")
print([name for name in list(sys.modules) if name.startswith(heavy)])
"""


def test_no_heavy_library_is_loaded_where_nobody_asks_for_it() -> None:
    environment = {**os.environ, "SIMULATOR_API_KEY": "key"}
    done = subprocess.run(  # noqa: S603 - our own Python, our own text
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            Settings(application_insights="a-secret-that-is-no-connection-string"),
            "APPLICATIONINSIGHTS_CONNECTION_STRING=*** is not allowed: the connection string of",
        ),
        (
            Settings(otlp_endpoint="http://collector:http"),
            "OTEL_EXPORTER_OTLP_ENDPOINT='http://collector:http' is not allowed: Port could not be",
        ),
    ],
)
def test_a_setting_that_no_exporter_takes_stops_the_start(settings: Settings, told: str) -> None:
    with pytest.raises(SettingError, match=f"^{re.escape(told)}"):
        create_telemetry(settings, ())


def test_a_secret_is_not_repeated_in_the_error() -> None:
    with pytest.raises(SettingError) as stopped:
        create_telemetry(Settings(application_insights="a-secret"), ())
    assert "a-secret" not in str(stopped.value)


def test_the_port_for_grpc_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    from simulator.telemetry.exporters import otlp_exporters

    otlp_exporters("http://127.0.0.1:4317")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_the_port_for_http_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    from simulator.telemetry.exporters import otlp_exporters

    otlp_exporters("http://127.0.0.1:4318/")
    assert caplog.records == []
