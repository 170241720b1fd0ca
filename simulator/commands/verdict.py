"""The command that asks a running simulator for its verdict on the clients."""

import argparse
from typing import Any

import msgspec

from simulator.commands.base import CommandError
from simulator.configuration.environment import load_environment
from simulator.configuration.folders import ROOT
from simulator.configuration.settings import Settings
from simulator.journal.verdict import Verdict, as_text

SECONDS = 30
_NOT_LET_IN = 401
_RANKS = {"clean": 0, "warning": 1, "error": 2}


class _Error(msgspec.Struct):
    message: str


class _Refusal(msgspec.Struct):
    error: _Error


class ShowVerdict:
    name = "verdict"
    summary = "say whether the clients of a running simulator behaved well"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("url", help="the address of the simulator, as http://127.0.0.1:8000")
        parser.add_argument("--key", help="its key; by default SIMULATOR_API_KEY")
        parser.add_argument("--since", help="seconds since 1970, or a date and time")
        parser.add_argument(
            "--fail-on",
            choices=("warning", "error"),
            help="exit with 1 if there is a finding of this severity or a worse one",
        )

    def run(self, arguments: argparse.Namespace) -> int:
        key: str | None = arguments.key
        key = key or Settings.from_env(load_environment(ROOT)).api_key
        since = {} if arguments.since is None else {"since": arguments.since}
        verdict = _verdict(_get(arguments.url, key, since), arguments.url)
        print(as_text(verdict), end="")
        limit: str | None = arguments.fail_on
        return int(limit is not None and _RANKS[verdict.verdict] >= _RANKS[limit])


def _verdict(answer: Any, url: str) -> Verdict:
    """Read the answer, which may be another server's."""
    try:
        return msgspec.json.decode(answer.content, type=Verdict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CommandError(f"what answers at {url} is no simulator") from None


def _get(url: str, key: str, query: dict[str, str]) -> Any:  # a response of requests
    # requests takes a while to import, and no other command needs it.
    import requests

    address = f"{url.rstrip('/')}/++/verdict"
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"{url!r} is no address that begins with http:// or https://")
    try:
        answer = requests.get(address, query, headers={"api-key": key.encode()}, timeout=SECONDS)
    except requests.exceptions.InvalidHeader:
        raise CommandError("the key has characters that no header can have") from None
    except requests.exceptions.SSLError:
        trust = "REQUESTS_CA_BUNDLE names the certificate that --tls prints"
        raise CommandError(f"the certificate of {url} is not trusted; {trust}") from None
    except requests.ConnectionError:
        raise CommandError(f"{url} cannot be reached; is it running?") from None
    except requests.RequestException as error:
        raise CommandError(f"{address} cannot be reached: {error}") from None
    if not answer.ok:
        raise CommandError(f"{address} answers {answer.status_code}: {_complaint(answer)}")
    return answer


def _complaint(answer: Any) -> str:
    """Return what is wrong in one line, by the body of the simulator's own errors, if it is one."""
    if answer.status_code == _NOT_LET_IN:
        return "its key is another one; name it by --key or SIMULATOR_API_KEY"
    try:
        return msgspec.json.decode(answer.content, type=_Refusal).error.message
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return " ".join(answer.text[:500].split())
