"""The command that brings recordings from elsewhere into the store."""

import argparse
import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.assembly.containers import choose_recordings, recordings_place
from simulator.commands.base import CommandError
from simulator.commands.progress import bar
from simulator.configuration.environment import load_environment
from simulator.configuration.folders import ROOT
from simulator.configuration.settings import Settings
from simulator.storage.container import StorageError

if TYPE_CHECKING:
    from simulator.recordings.cassette_import import ImportSummary


class ImportRecordings:
    name = "import"
    summary = "bring the predecessor's recordings and cassettes (vcrpy, VCR, …) into the store"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, help="cassettes, or folders with some")

    def run(self, arguments: argparse.Namespace) -> int:
        settings = Settings.from_env(load_environment(ROOT))
        paths: list[Path] = arguments.paths
        for path in paths:
            if not path.exists():
                raise CommandError(f"there is no file or folder {path}")
        try:
            summary = asyncio.run(_imported(paths, settings))
        except StorageError as error:
            raise CommandError(str(error)) from None
        print("\n".join([*summary.lines(), f"into {recordings_place(settings)}"]))
        return 0 if summary.useful else 1


async def _imported(paths: Sequence[Path], settings: Settings) -> "ImportSummary":
    # PyYAML comes with the importer, which nothing else needs.
    from simulator.recordings.cassette_import import cassette_files, import_cassettes
    from simulator.recordings.redaction import Redaction
    from simulator.recordings.secret_members import MEMBERS
    from simulator.recordings.store import RecordingStore

    container = choose_recordings(settings)
    try:
        with bar("files") as progress:
            return await import_cassettes(
                cassette_files(paths),
                RecordingStore(container, time.monotonic),
                settings.matching,
                progress,
                redaction=Redaction((*MEMBERS, *settings.recording_mask)),
                errors=settings.recorded_errors,
            )
    finally:
        await container.close()
