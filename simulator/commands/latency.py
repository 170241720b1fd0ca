"""The command that learns latency from recordings."""

import argparse
import asyncio
import dataclasses
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from simulator.assembly.containers import choose_recordings, recordings_place
from simulator.commands.base import CommandError, check_store
from simulator.commands.progress import bar
from simulator.configuration.environment import load_environment
from simulator.configuration.folders import ROOT
from simulator.configuration.settings import Settings
from simulator.recordings.analysis.learning import LEAST, Learnt, latency_of
from simulator.recordings.analysis.reading import Progress, exchanges, recorded_names
from simulator.recordings.store import RecordingStore
from simulator.storage.container import StorageError


class Latency:
    name = "latency"
    summary = "learn how long your deployments take from recordings"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="learn")
        learn = actions.add_parser(
            "learn",
            help="print a profile for LATENCY_PROFILE, from the moments of recorded streams",
        )
        learn.add_argument(
            "--store", metavar="FOLDER", help="a folder; by default as replay has it"
        )
        learn.add_argument("--resource", default="", help="of a fleet; by default all recordings")
        learn.add_argument(
            "--plot", metavar="FILE", type=Path, help="draw both times, too; needs matplotlib"
        )

    def run(self, arguments: argparse.Namespace) -> int:
        settings = Settings.from_env(load_environment(ROOT))
        if arguments.store:
            settings = dataclasses.replace(settings, recording_dir=arguments.store, storage=None)
        check_store(settings)
        place = recordings_place(settings)
        with bar("recordings") as progress:
            try:
                learnt = asyncio.run(_learn(settings, arguments.resource, progress))
            except StorageError as error:
                raise CommandError(str(error)) from None
        for name in sorted(set(learnt.timings) - set(learnt.usable)):
            print(f"{name}: fewer than {LEAST} streams, nothing is learnt", file=sys.stderr)
        if not learnt.usable:
            raise CommandError(
                f"there is nothing to learn from in {place}: it takes {LEAST} streams"
            )
        if arguments.plot:
            _plot(learnt, arguments.plot)
        document = msgspec.json.encode(learnt.profile(place))
        print(msgspec.json.format(document, indent=2).decode())
        return 0


async def _learn(settings: Settings, resource: str, progress: Progress) -> Learnt:
    container = choose_recordings(settings)
    learnt = Learnt()
    try:
        store = RecordingStore(container, time.monotonic)
        found = await recorded_names(container)
        async for _, exchange in exchanges(store, found, progress):
            if exchange is not None and resource in ("", exchange.request.resource):
                learnt.add(exchange)
    finally:
        await container.close()
    return learnt


def _plot(learnt: Learnt, path: Path) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise CommandError("--plot needs matplotlib: pip install matplotlib") from None
    figure = Figure(figsize=(10, 4), layout="constrained")
    first, between = figure.subplots(1, 2)
    for name, timings in sorted(learnt.usable.items()):
        latency = latency_of(timings)
        _curve(first, name, [one.first for one in timings])
        _curve(between, name, [one.between for one in timings])
        for size in latency.get("by_prompt", [latency]):
            up_to = f", prompts up to {size['up_to']} tokens" if "up_to" in size else ""
            _quantiles(first, f"{name}, learnt{up_to}", size["first_token_ms"])
        _quantiles(between, f"{name}, learnt", latency["token_ms"])
    first.set(title="First token", xlabel="milliseconds", ylabel="share of streams")
    between.set(title="Each later token", xlabel="milliseconds")
    first.legend(fontsize="small")
    between.legend(fontsize="small")
    try:
        figure.savefig(path)  # pyright: ignore[reportUnknownMemberType]  # untyped keywords
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} cannot be written: {error}") from None


def _curve(axes: object, name: str, times: Sequence[float]) -> None:
    """Draw the share of streams that a time does not exceed."""
    ordered = sorted(times)
    axes.step(ordered, [at / len(ordered) for at in range(1, len(ordered) + 1)], label=name)  # type: ignore[attr-defined]  # an Axes, which only this function's caller can import


def _quantiles(axes: object, label: str, learnt: Mapping[str, Sequence[Sequence[float]]]) -> None:
    """Draw what generated streams will have."""
    shares, times = zip(*learnt["quantiles"], strict=True)
    axes.plot(times, shares, linestyle="--", label=label)  # type: ignore[attr-defined]  # as above
