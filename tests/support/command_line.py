"""The command line in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

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


def address(greeting: Sequence[str]) -> str:
    return greeting[0].rpartition(" ")[2]
