"""`python -m loadtest SCENARIO`: puts load on a deployment, and checks what came of it."""

# Locust makes the standard library cooperative, and has to come before whatever uses it.
import loadtest.users as users  # isort: skip

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from loadtest.samples import Sample
from loadtest.scenarios import SCENARIOS, NotTestable, Run, Scenario
from loadtest.service import Chat, limits_of, speed_of
from loadtest.table import table
from simulator.configuration.settings import SettingError, load_environment
from testclient.target import Target, TargetError


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """0: all bands are kept; 1: one is not; 2: there was nothing to test."""
    chosen = _parser().parse_args(arguments)
    scenario = SCENARIOS[chosen.scenario]
    try:
        target = Target.from_env(environment, endpoint=chosen.url)
        deployment = chosen.deployment or scenario.deployment or target.deployment
        chat = Chat(
            endpoint=target.endpoint,
            key=target.key,
            deployment=deployment,
            prompt=scenario.prompt,
            max_tokens=scenario.max_tokens,
        )
        run = _run(chat, scenario, chosen)
    except (TargetError, NotTestable) as error:
        return _failed(str(error))
    bands = scenario.check(run)
    print(*table(run, bands), sep="\n")
    return 0 if all(band.kept for band in bands) else 1


def _run(chat: Chat, scenario: Scenario, chosen: argparse.Namespace) -> Run:
    began = time.perf_counter()
    limits = limits_of(chat)
    first = Sample(0.0, time.perf_counter() - began, 200)
    scenario.fit(limits)
    speed = speed_of(chat)
    number, duration = chosen.users or scenario.users, chosen.duration or scenario.duration
    print(f"{chosen.scenario}: {number} users ask {chat.deployment} for {duration:g} s", flush=True)
    samples = users.put_load(
        chat, users=number, duration=duration, pause=scenario.pause, began=began
    )
    return Run(first, samples, duration, limits, chosen.slice, speed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make load-test", description=__doc__)
    parser.add_argument("scenario", metavar="SCENARIO", choices=SCENARIOS)
    parser.add_argument("--url", default="", help="default: TEST_OPENAI_ENDPOINT, or this machine")
    parser.add_argument("--deployment", default="", help="default: the scenario's own")
    parser.add_argument("--users", type=int, default=0, help="default: the scenario's own")
    parser.add_argument("--duration", type=float, default=0.0, help="in seconds")
    parser.add_argument(
        "--slice",
        type=int,
        default=10,
        help="the service's RATE_LIMIT_REQUEST_SLICE_SECONDS, if it is not 10",
    )
    return parser


def _failed(reason: str) -> int:
    print(f"load-test: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    try:
        values = load_environment(Path(__file__).parents[1])
    except SettingError as error:
        sys.exit(_failed(str(error)))
    sys.exit(main(sys.argv[1:], values))
