"""`python -m testclient MODE`: tries a deployment with the openai client, and tells what came."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import openai

from simulator.configuration.environment import load_environment
from simulator.configuration.settings import SettingError
from testclient.chatbot import converse, refusal, typed
from testclient.target import API_VERSION, Target, TargetError
from testclient.trials import MODES, Outcome, Trial, limits_in


class Screen:
    """Shows the answer as it comes, then what else there is to know about it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._asked = clock()
        self._first: float | None = None

    def show(self, text: str) -> None:
        if text and self._first is None:
            self._first = self._clock()
        _show(text)

    def report(self, outcome: Outcome) -> None:
        done = self._clock()
        first = done if self._first is None else self._first
        print(f"\n\nstatus   {outcome.status}")
        print(f"latency  {done - self._asked:.3f} s, first text after {first - self._asked:.3f} s")
        if outcome.usage:
            print(f"usage    {outcome.usage}")
        _show_limits(outcome.headers)


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    chosen = _parser().parse_args(arguments)
    try:
        target = Target.from_env(environment, endpoint=chosen.url)
    except TargetError as error:
        return _failed(str(error))
    with openai.AzureOpenAI(
        azure_endpoint=target.endpoint,
        api_key=target.key,
        api_version=API_VERSION,
        max_retries=0,
    ) as client:
        try:
            _run(chosen, target, client)
        except openai.APIStatusError as error:
            _show_limits(error.response.headers)
            return _failed(refusal(error))
        except openai.APIConnectionError:
            return _failed(f"{target.endpoint} cannot be reached; is it running?")
        except openai.APIError as error:  # a stream may break off
            return _failed(error.message)
    return 0


def _show_limits(headers: Mapping[str, str]) -> None:
    for name, value in limits_in(headers):
        print(f"{name}: {value}")


def _run(chosen: argparse.Namespace, target: Target, client: openai.AzureOpenAI) -> None:
    if chosen.mode == "chatbot":
        _chat_on(Trial(client, chosen.deployment or target.deployment, "", _show))
        return
    mode = MODES[chosen.mode]
    deployment = chosen.deployment or mode.deployment(target)
    prompt = chosen.prompt or mode.prompt
    print(f"{chosen.mode} with {deployment} at {target.endpoint}: {prompt}\n")
    screen = Screen(time.perf_counter)
    screen.report(mode.run(Trial(client, deployment, prompt, screen.show)))


def _show(text: str) -> None:
    print(text, end="", flush=True)


def _chat_on(trial: Trial) -> None:
    def report(outcome: Outcome) -> None:
        print(f"\n({outcome.usage})")

    print('Say something; "exit" ends.')
    converse(trial, typed(), report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make test-client", description=__doc__)
    parser.add_argument("mode", metavar="MODE", choices=[*MODES, "chatbot"])
    parser.add_argument("--url", default="", help="default: TEST_OPENAI_ENDPOINT, or this machine")
    parser.add_argument("--deployment", default="", help="default: as TEST_OPENAI_* say")
    parser.add_argument("--prompt", default="")
    return parser


def _failed(reason: str) -> int:
    print(f"test-client: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        values = load_environment(Path(__file__).parents[1])
    except SettingError as error:
        sys.exit(_failed(str(error)))
    try:
        sys.exit(main(sys.argv[1:], values))
    except KeyboardInterrupt:
        sys.exit(130)
