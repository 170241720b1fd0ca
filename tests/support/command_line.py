"""The command line in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import KEY

ROOT = Path(__file__).parents[2]


@contextmanager
def started(
    *arguments: str, until: str, **settings: str
) -> Generator[tuple[subprocess.Popen[str], list[str]]]:
    """Yield the process and its greeting, to the line that begins with `until` or to the end."""
    process = subprocess.Popen(  # noqa: S603 - our own program, run by our own interpreter
        [sys.executable, "-m", "simulator", *arguments],
        env={**os.environ, **settings},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        greeting: list[str] = []
        try:
            for line in process.stdout:
                greeting.append(line.strip())
                if greeting[-1].startswith(until):
                    break
            yield process, greeting
        finally:
            process.terminate()


@contextmanager
def greeted(*arguments: str, until: str = "latency:", **settings: str) -> Generator[list[str]]:
    """Yield the greeting of a process on a free port with these flags."""
    flags = ("--port", "0", *arguments)
    with started(*flags, until=until, **{"SIMULATOR_API_KEY": KEY, **settings}) as (_, greeting):
        yield greeting


def address(greeting: Sequence[str]) -> str:
    return greeting[0].rpartition(" ")[2]
