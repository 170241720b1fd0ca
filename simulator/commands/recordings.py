"""The command that shows what is recorded."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping

from simulator.assembly.containers import choose_recordings, recordings_place
from simulator.commands.base import CommandError, check_store
from simulator.commands.progress import bar
from simulator.configuration.environment import load_environment
from simulator.configuration.folders import ROOT
from simulator.configuration.settings import Settings
from simulator.recordings.analysis.drift import (
    CallerRefused,
    Report,
    as_json,
    as_junit,
    as_text,
    check_drift,
)
from simulator.recordings.listing import rows, shown, table
from simulator.recordings.store import RecordingStore
from simulator.storage.container import Container, StorageError

_FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": as_text,
    "json": as_json,
    "junit": as_junit,
}


class Recordings:
    name = "recordings"
    summary = "list the recordings, show one, or check whether they still hold"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list|show|check")
        actions.add_parser(
            "list", help="deployment, operation, prompt, tokens and duration of each"
        )
        show = actions.add_parser("show", help="one recording as it is stored")
        show.add_argument("recording", help="its name, or the beginning of its key")
        check = actions.add_parser(
            "check",
            help="ask again for what was recorded, and say which answers changed their shape",
        )
        check.add_argument(
            "--against",
            choices=("resource", "generate"),
            default="resource",
            help="who is asked: AZURE_OPENAI_ENDPOINT, or the simulator's own generator",
        )
        check.add_argument("--sample", type=_positive, help="this many recordings, taken evenly")
        check.add_argument("--format", choices=tuple(_FORMATS), default="text")

    def run(self, arguments: argparse.Namespace) -> int:
        settings = Settings.from_env(load_environment(ROOT))
        check_store(settings)
        container = choose_recordings(settings)
        # Beside the table, so that programs can read that.
        print(f"recordings of {recordings_place(settings)}", file=sys.stderr)
        if arguments.action == "check":
            return _check(settings, container, arguments)
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


def _check(settings: Settings, container: Container, arguments: argparse.Namespace) -> int:
    # Upstream and generator are loaded for this action alone.
    from simulator.assembly.rechecking import generator_source, upstream_source

    async def run() -> Report:
        generates = arguments.against == "generate"
        source = (generator_source if generates else upstream_source)(settings)
        try:
            with bar("recordings") as progress:
                store = RecordingStore(container, time.monotonic)
                return await check_drift(
                    store, source.answer, progress, asyncio.sleep, arguments.sample
                )
        finally:
            await source.close()
            await container.close()

    try:
        report = asyncio.run(run())
    except StorageError as error:
        raise CommandError(str(error)) from None
    except CallerRefused as error:
        raise CommandError(f"{error}; AZURE_OPENAI_KEY, or the identity, is to let in") from None
    print(_FORMATS[arguments.format](report), end="")
    if not report.checked:
        raise CommandError("there is nothing to check")
    return 1 if report.drifted else 0


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


async def _listed(container: Container) -> list[str]:
    return table([row async for row in rows(container)])


async def _shown(container: Container, wanted: str) -> list[str]:
    found = await shown(container, wanted)
    if not found:
        raise CommandError(f"no recording is called {wanted}, and no key begins so")
    if len(found) > 1:
        return [f"{len(found)} recordings are meant; name one:", *(name for name, _ in found)]
    return [found[0][1]]
