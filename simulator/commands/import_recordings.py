"""The command that brings recordings from elsewhere into the store."""

import argparse
import asyncio
import time
from pathlib import Path

from simulator.assembly.containers import choose_recordings, recordings_place
from simulator.commands.base import ROOT, CommandError
from simulator.commands.progress import bar
from simulator.configuration.settings import Settings, load_environment
from simulator.storage.container import StorageError


class ImportRecordings:
    name = "import"
    summary = "bring the predecessor's recordings and cassettes (vcrpy, VCR, …) into the store"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, help="cassettes, or folders with some")

    def run(self, arguments: argparse.Namespace) -> int:
        # PyYAML comes with the importer, which nothing else needs.
        from simulator.recordings.cassette_import import (
            ImportSummary,
            cassette_files,
            import_cassettes,
        )
        from simulator.recordings.redaction import Redaction
        from simulator.recordings.secret_members import MEMBERS
        from simulator.recordings.store import RecordingStore

        settings = Settings.from_env(load_environment(ROOT))
        paths: list[Path] = arguments.paths
        for path in paths:
            if not path.exists():
                raise CommandError(f"there is no {path}")
        container = choose_recordings(settings)
        redaction = Redaction((*MEMBERS, *settings.recording_mask))

        async def run() -> ImportSummary:
            store = RecordingStore(container, time.monotonic)
            try:
                with bar("files") as progress:
                    summary = await import_cassettes(
                        cassette_files(paths),
                        store,
                        settings.matching,
                        progress,
                        redaction=redaction,
                        errors=settings.recorded_errors,
                    )
            finally:
                await container.close()
            return summary

        try:
            summary = asyncio.run(run())
        except StorageError as error:
            raise CommandError(str(error)) from None
        print("\n".join([*summary.lines(), f"into {recordings_place(settings)}"]))
        return 0 if summary.useful else 1
