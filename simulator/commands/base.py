"""The interface of a command of the command line."""

import argparse
from pathlib import Path
from typing import Protocol

from simulator.errors import StartError

ROOT = Path(__file__).parents[2]
"""The folder of the app."""


class Command(Protocol):
    """`python -m simulator NAME …`.

    `run` answers the exit code; for what the user got wrong it raises a `StartError`.
    """

    name: str
    summary: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace) -> int: ...


class CommandError(StartError):
    """Something outside is not as the command needs it: a taken port, a missing file."""

    exit_code = 1
