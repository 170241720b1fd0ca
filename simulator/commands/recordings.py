"""The command that shows what is recorded."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from simulator.assembly.containers import choose_recordings, recordings_place
from simulator.commands.base import ROOT, CommandError, checked_store
from simulator.configuration.settings import Settings, load_environment
from simulator.recordings.listing import rows, shown, table
from simulator.storage.container import Container, StorageError


class Recordings:
    name = "recordings"
    summary = "list the recordings, or show one"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser(
            "list", help="deployment, operation, prompt, tokens and duration of each"
        )
        show = actions.add_parser("show", help="one recording as it is stored")
        show.add_argument("recording", help="its name, or the beginning of its key")

    def run(self, arguments: argparse.Namespace) -> int:
        settings = Settings.from_env(load_environment(ROOT))
        checked_store(settings)
        container = choose_recordings(settings)
        # Beside the table, so that programs can read that.
        print(f"recordings of {recordings_place(settings)}", file=sys.stderr)
        if arguments.action == "list":
            lines = _run(container, _listed)
        else:
            wanted: str = arguments.recording
            lines = _run(container, lambda opened: _shown(opened, wanted))
        print("\n".join(lines))
        return 0


def _run(container: Container, work: Callable[[Container], Awaitable[list[str]]]) -> list[str]:
    async def run() -> list[str]:
        try:
            return await work(container)
        finally:
            await container.close()

    try:
        return asyncio.run(run())
    except StorageError as error:
        raise CommandError(str(error)) from None


async def _listed(container: Container) -> list[str]:
    return table([row async for row in rows(container)])


async def _shown(container: Container, wanted: str) -> list[str]:
    found = await shown(container, wanted)
    if not found:
        raise CommandError(f"no recording is called {wanted}, and no key begins so")
    if len(found) > 1:
        return [f"{len(found)} recordings are meant; name one:", *(name for name, _ in found)]
    return [found[0][1]]
