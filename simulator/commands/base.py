"""The interface of a command of the command line."""

import argparse
from typing import Protocol

from simulator.configuration.folders import APP, ROOT
from simulator.errors import StartError

__all__ = ["APP", "ROOT", "Command", "CommandError"]


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
