"""The file for distributed load tests, run by Locust itself: a process of it takes a second to start."""

import subprocess
import sys

import pytest

from tests.conftest import KEY

FILES = "examples/locust/locustfile.py,tests/support/locust_ending.py"


@pytest.fixture(scope="module")
def ran(server: str) -> dict[str, subprocess.CompletedProcess[str]]:
    """What came of a run with the right key and of one with a wrong one, at the same time."""
    processes = {key: start(server, key) for key in (KEY, "wrong")}
    return {key: ended(process) for key, process in processes.items()}


def start(server: str, key: str) -> subprocess.Popen[str]:
    arguments = (
        "--headless",
        "--users",
        "2",
        "--spawn-rate",
        "2",
        "--run-time",
        "100s",
        "--only-summary",
    )
    return subprocess.Popen(  # noqa: S603 - our own file
        [sys.executable, "-m", "locust", "-f", FILES, "--host", server, *arguments],
        env={"SIMULATOR_API_KEY": key, "TOKENS": "2"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    output, _ = process.communicate(timeout=110)
    return subprocess.CompletedProcess(process.args, process.returncode, output)


def test_answers_and_streams_are_counted_and_none_fails(
    ran: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    assert ran[KEY].returncode == 0, ran[KEY].stdout
    assert "POST     chat" in ran[KEY].stdout
    assert "0(0.00%)" in ran[KEY].stdout


def test_a_run_whose_requests_were_refused_fails(
    ran: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    assert ran["wrong"].returncode == 1
    assert "(100.00%)" in ran["wrong"].stdout
