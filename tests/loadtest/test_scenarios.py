"""The scenarios against a live server. Locust changes the standard library of its process, so each
runs in one of its own, as `make load-test` starts it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import KEY, Serve

ROOT = Path(__file__).parents[2]


def load_test(server: str, *arguments: str, key: str = KEY) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "loadtest", "--url", server, *arguments],
        check=False,
        cwd=ROOT,
        env={"TEST_OPENAI_KEY": key},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_limits_that_are_kept_pass(serve: Serve) -> None:
    run = load_test(serve(), "token-limit", "--users", "2", "--duration", "3")
    assert (run.returncode, "FAILED" in run.stdout) == (0, False), run.stdout + run.stderr
    assert "refused by tokens" in run.stdout


def test_what_is_outside_of_its_band_fails(serve: Serve) -> None:
    arguments = ("--users", "2", "--duration", "2", "--deployment", "gpt-35-turbo-10k-token")
    run = load_test(serve(), "latency", *arguments)
    assert run.returncode == 1
    assert [line.split()[0] for line in run.stdout.splitlines() if "FAILED" in line] == ["refused"]


def test_a_deployment_without_limits_is_one_line(server: str) -> None:
    run = load_test(server, "request-limit", "--deployment", "gpt-4o")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        "load-test: the deployment has no request limit; name another one with DEPLOYMENT=\n"
    )


@pytest.mark.parametrize(
    ("key", "reason"),
    [("wrong", "the first request got status 401: "), ("", "no key for http://127.0.0.1:")],
)
def test_a_key_that_is_wrong_or_missing_is_one_line(server: str, key: str, reason: str) -> None:
    run = load_test(server, "latency", key=key)
    assert run.returncode == 2
    assert run.stderr.startswith(f"load-test: {reason}")
    assert run.stderr.count("\n") == 1
