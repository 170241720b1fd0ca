"""What a command of the command line is."""

import argparse
from typing import Protocol


class Command(Protocol):
    """`python -m simulator NAME …`.

    `run` answers the exit code; for what the user got wrong it raises `CommandError`, `SettingError`
    or `DeploymentFileError`, whose text is one line.
    """

    name: str
    summary: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace) -> int: ...


class CommandError(Exception):
    """Something outside is not as the command needs it: a taken port, a missing file."""
