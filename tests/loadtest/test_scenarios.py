"""The scenarios against a live server. Locust changes the standard library of its process, so each
runs in one of its own, as `make load-test` starts it."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import KEY, Serve

ROOT = Path(__file__).parents[2]


def load_test(
    folder: Path, server: str, *arguments: str, key: str = KEY
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "loadtest", "--url", server, *arguments],
        check=False,
        cwd=folder,
        env={"TEST_OPENAI_KEY": key, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_limits_that_are_kept_pass(serve: Serve, tmp_path: Path) -> None:
    run = load_test(tmp_path, serve(), "token-limit", "--users", "2", "--duration", "3")
    assert (run.returncode, "FAILED" in run.stdout) == (0, False), run.stdout + run.stderr
    assert "refused by tokens" in run.stdout
    assert run.stdout.splitlines()[1].split() == [
        "second",
        "requests/s",
        "tokens/s",
        "429/s",
        "failed/s",
    ]
    with (tmp_path / "report.csv").open(newline="") as file:
        lines = [*csv.DictReader(file)]
    admitted = next(line.split()[1] for line in run.stdout.splitlines() if "admitted" in line)
    # One more read the limits before the load.
    assert sum(int(line["admitted"]) for line in lines) == int(admitted) + 1
    assert sum(int(line["refused"]) for line in lines) > 0
    assert 0 < int(lines[-1]["tokens_per_minute"]) <= 10_000
    assert {line["tokens_per_minute_limit"] for line in lines} == {"10000"}
    assert any(line["first_token_p95_s"] for line in lines)
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "gpt-35-turbo-10k-token" in report
    assert not re.search(r"<script|<link|<img|src=|url\(|@import", report)


def test_what_each_back_end_of_a_gateway_got_is_shown(serve: Serve, tmp_path: Path) -> None:
    gateway, other = serve(), serve()
    place = tmp_path / "own.html"
    run = load_test(
        tmp_path, gateway, "latency", "--users", "2", "--duration", "2",
        "--report", str(place), "--backends", f"{gateway},{other}",
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    shown = {line.split()[0]: line.split()[1:] for line in run.stdout.splitlines() if line}
    admitted = int(shown["admitted"][0])
    assert int(shown[gateway][0]) == admitted + 1  # the one that read the limits
    assert shown[other] == ["0", "0", "0", "0"]
    assert other in place.read_text(encoding="utf-8")


def test_a_back_end_without_a_journal_is_one_line(server: str, tmp_path: Path) -> None:
    run = load_test(tmp_path, server, "latency", "--backends", server, "--backend-key", "wrong")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"load-test: {server}/++/requests got status 401, and no journal\n"


def test_what_is_outside_of_its_band_fails(serve: Serve, tmp_path: Path) -> None:
    arguments = ("--users", "2", "--duration", "2", "--deployment", "gpt-35-turbo-10k-token")
    run = load_test(tmp_path, serve(), "latency", *arguments)
    assert run.returncode == 1
    assert [line.split()[0] for line in run.stdout.splitlines() if "FAILED" in line] == ["refused"]


def test_a_deployment_without_limits_is_one_line(server: str, tmp_path: Path) -> None:
    run = load_test(tmp_path, server, "request-limit", "--deployment", "gpt-4o")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        "load-test: the deployment has no request limit; name another one with DEPLOYMENT=\n"
    )


@pytest.mark.parametrize(
    ("key", "reason"),
    [("wrong", "the first request got status 401: "), ("", "no key for http://127.0.0.1:")],
)
def test_a_key_that_is_wrong_or_missing_is_one_line(
    server: str, tmp_path: Path, key: str, reason: str
) -> None:
    run = load_test(tmp_path, server, "latency", key=key)
    assert run.returncode == 2
    assert run.stderr.startswith(f"load-test: {reason}")
    assert run.stderr.count("\n") == 1
