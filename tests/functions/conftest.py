"""The app behind the real worker library, which there is for Python 3.13 and later only."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.conftest import API_VERSION, FULL_LENGTH, KEY, NO_LATENCY

if sys.version_info < (3, 13):
    # Below 3.13 the worker is a part of the platform, and PyPI has none that could be driven.
    collect_ignore_glob = ["test_*.py"]

ROOT = Path(__file__).parents[2]
BETWEEN_TOKENS = 0.1
"""Seconds."""


def worker(*arguments: str, errors: int | None = None, **settings: str) -> subprocess.Popen[str]:
    """The worker in a process of its own, in which the app finds these settings."""
    latency = {f"LATENCY_OPENAI_{figure}".upper(): "0" for figure in NO_LATENCY}
    lengths = {name.upper(): str(value) for name, value in FULL_LENGTH.items()}
    environment = {
        **os.environ,
        **latency,
        **lengths,
        "SIMULATOR_API_KEY": KEY,
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen(  # noqa: S603 - our own program, run by our own interpreter
        [sys.executable, str(ROOT / "tests" / "functions" / "worker.py"), *arguments],
        env={**environment, **settings},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )


@pytest.fixture(scope="session")
def functions() -> Iterator[str]:
    """The address of the app as the Functions host and the real worker serve it."""
    pace = str(BETWEEN_TOKENS * 1000)
    process = worker("serve", LATENCY_OPENAI_INTER_TOKEN_MEAN=pace)
    with process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        process.communicate()


@pytest.fixture
def function_client(functions: str) -> Iterator[openai.AzureOpenAI]:
    with openai.AzureOpenAI(
        azure_endpoint=functions, api_key=KEY, api_version=API_VERSION, max_retries=0
    ) as client:
        yield client
