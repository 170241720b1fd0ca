"""The interface of a command of the command line."""

import argparse
from pathlib import Path
from typing import Protocol

from simulator.assembly.containers import DEFAULT_FOLDER
from simulator.configuration.settings import Settings
from simulator.errors import StartError


class Command(Protocol):
    """`python -m simulator NAME …`.

    `run` returns the exit code; for what the user got wrong it raises a `StartError`.
    """

    name: str
    summary: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, arguments: argparse.Namespace) -> int: ...


def check_store(settings: Settings) -> None:
    """Raise `CommandError` if the recordings are to be in a folder that is not there."""
    folder = Path(settings.recording_dir or DEFAULT_FOLDER)
    if settings.storage is None and not folder.is_dir():
        raise CommandError(f"there is no folder {folder}; RECORDING_DIR names another")


class CommandError(StartError):
    """Something outside is not as the command needs it: a taken port, a missing file."""

    exit_code = 1
