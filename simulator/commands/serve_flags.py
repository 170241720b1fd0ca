"""The flags of the command that serves: each stands for settings, which it overrides."""

import argparse
import dataclasses
from collections.abc import Mapping
from pathlib import Path

from simulator.configuration.setting_fields import Setting
from simulator.configuration.settings import Settings

STORAGE = ("RecordingStorage", "AzureWebJobsStorage")


def add_flags(parser: argparse.ArgumentParser) -> None:
    _add_places(parser)
    _add_answers(parser)
    parser.set_defaults(usage_error=parser.error)


def _add_places(parser: argparse.ArgumentParser) -> None:
    where = parser.add_argument_group("where it listens")
    where.add_argument("--port", type=_port, default=8000, help="default 8000; 0 picks a free one")
    where.add_argument("--host", default="127.0.0.1", help="address, default 127.0.0.1")
    where.add_argument(
        "--tls", action="store_true", help="https, with a certificate that is made once"
    )
    where.add_argument("--cert", type=Path, metavar="FILE", help="https, with this certificate …")
    where.add_argument("--key", type=Path, metavar="FILE", help="… and its private key")
    where.add_argument("--open", action="store_true", help="open the console in a browser")
    where.add_argument(
        "--workers", default="1", metavar="N", help="processes, or auto: one for each core"
    )


def _add_answers(parser: argparse.ArgumentParser) -> None:
    what = parser.add_argument_group("what it answers")
    what.add_argument(
        "--fast", action="store_true", help="no latency, and no limits on the default deployments"
    )
    what.add_argument(
        "--rules", metavar="FILE", help="the rules in a file: what matching requests get"
    )
    what.add_argument(
        "--fleet",
        metavar="FILE",
        help="the resources and the timeline in a file, see docs/fleet.md",
    )
    source = what.add_mutually_exclusive_group()
    source.add_argument(
        "--record", metavar="URL", help="answers of the Azure OpenAI resource there, recorded"
    )
    source.add_argument("--replay", metavar="FOLDER", help="the answers recorded in a folder")


def settings_of(arguments: argparse.Namespace, environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the settings that the flags stand for; a blank one is unset."""
    settings: dict[str, str] = {}
    if arguments.fast:
        settings |= {**_without_latency(), "OPENAI_DEFAULT_DEPLOYMENT_LIMITS": "false"}
    if arguments.rules:
        settings["RULES_PATH"] = arguments.rules
    if arguments.fleet:
        settings["FLEET_PATH"] = arguments.fleet
    if arguments.record:
        settings |= {"SIMULATOR_MODE": "record", "AZURE_OPENAI_ENDPOINT": arguments.record}
    if arguments.replay:
        settings |= {"SIMULATOR_MODE": "replay", "RECORDING_DIR": arguments.replay}
        # A storage account would come before the folder.
        settings |= {name: "" for name in environment if name.startswith(STORAGE)}
    return settings


def _without_latency() -> dict[str, str]:
    """Return settings without latency of models and with batches at once.

    Unlike LATENCY=0, they leave what recordings, rules or deployments ask for. A setting that overrides
    another one is unset.
    """
    declared = [
        (item.metadata.get("setting"), item.default) for item in dataclasses.fields(Settings)
    ]
    openai = {
        name: "" if default is None else "0"
        for setting, default in declared
        if isinstance(setting, Setting)
        for name in setting.names
        if name.startswith("LATENCY_OPENAI_")
    }
    return {**openai, "LATENCY_PROFILE": "classic", "BATCH_SPEED": "0"}


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 65535")
    return int(text)
