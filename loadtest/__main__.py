"""`python -m loadtest SCENARIO`: puts load on a deployment, and checks what came of it."""

# Locust makes the standard library cooperative, and has to come before whatever uses it.
import loadtest.users as users  # isort: skip

import argparse
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from loadtest.backends import instances_of, reachable, shares_of
from loadtest.csv_file import write_csv
from loadtest.instances import counted
from loadtest.progress import HEADING, Progress
from loadtest.report import Subject, report
from loadtest.samples import Sample
from loadtest.scenarios import SCENARIOS, NotTestable, Run, Scenario
from loadtest.series import seconds_of
from loadtest.service import Chat, limits_of, speed_of
from loadtest.table import table
from simulator.configuration.environment import load_environment
from simulator.configuration.settings import SettingError
from testclient.target import Target, TargetError


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """0: all bands are kept; 1: one is not; 2: there was nothing to test."""
    chosen = _parser().parse_args(arguments)
    scenario = SCENARIOS[chosen.scenario]
    try:
        target = Target.from_env(environment, endpoint=chosen.url)
        chat = _chat(target, scenario, chosen.deployment)
        backends = [one for one in chosen.backends.split(",") if one]
        backend_key = chosen.backend_key or target.key
        for backend in backends:
            reachable(backend, backend_key)
        began = time.time()
        number = chosen.users or scenario.users
        run = _run(chat, scenario, chosen, number)
        shares = [share for one in backends for share in shares_of(one, backend_key, began)]
    except (TargetError, NotTestable) as error:
        return _failed(str(error))
    bands = scenario.check(run)
    # Behind a gateway the back ends are what answers; else the instances of one deployment.
    said = [] if shares else counted(run.samples)
    shares = shares or instances_of(run.samples)
    print("", *table(run, bands, shares, said), sep="\n")
    moment = datetime.fromtimestamp(began, UTC).isoformat(" ", "seconds")
    subject = Subject(chosen.scenario, chat.endpoint, chat.deployment, number, moment)
    try:
        _write(chosen.report, report(subject, run, bands, shares, said), run)
    except OSError as error:
        return _failed(f"the report cannot be written: {error}")
    return 0 if all(band.kept for band in bands) else 1


def _chat(target: Target, scenario: Scenario, deployment: str) -> Chat:
    return Chat(
        endpoint=target.endpoint,
        key=target.key,
        deployment=deployment or scenario.deployment or target.deployment,
        prompt=scenario.prompt,
        max_tokens=scenario.max_tokens,
    )


def _run(chat: Chat, scenario: Scenario, chosen: argparse.Namespace, number: int) -> Run:
    began = time.perf_counter()
    limits = limits_of(chat)
    first = Sample(0.0, time.perf_counter() - began, 200)
    scenario.fit(limits)
    speed = speed_of(chat)
    duration = chosen.duration or scenario.duration
    print(f"{chosen.scenario}: {number} users ask {chat.deployment} for {duration:g} s")
    print(HEADING, flush=True)
    progress = Progress()
    samples = users.put_load(
        chat,
        users=number,
        duration=duration,
        pause=scenario.pause,
        began=began,
        progress=lambda passed, samples: print(progress.line(passed, samples), flush=True),
    )
    return Run(first, samples, duration, limits, chosen.slice, speed)


def _write(place: Path, page: str, run: Run) -> None:
    """Write the report, and the CSV beside it."""
    lines = place.with_suffix(".csv")
    place.write_text(page, encoding="utf-8")
    write_csv(lines, seconds_of(run), run.limits.tokens)
    print(f"\n{place} and {lines} show its course")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make load-test", description=__doc__)
    parser.add_argument("scenario", metavar="SCENARIO", choices=SCENARIOS)
    parser.add_argument("--url", default="", help="default: TEST_OPENAI_ENDPOINT, or this machine")
    parser.add_argument("--deployment", default="", help="default: the scenario's own")
    parser.add_argument("--users", type=int, default=0, help="default: the scenario's own")
    parser.add_argument("--duration", type=float, default=0.0, help="in seconds")
    parser.add_argument("--report", type=Path, default="report.html", help="the file to write")
    parser.add_argument(
        "--backends",
        default="",
        help="simulators behind a gateway at --url, by commas: what each got, by its journal",
    )
    parser.add_argument("--backend-key", default="", help="default: the key of --url")
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
