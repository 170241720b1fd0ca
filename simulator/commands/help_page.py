"""The page that `--help` shows."""

import argparse
from collections.abc import Iterable

from simulator.commands.base import Command

_BEGINNING = """\
Azure OpenAI API Simulator: answers like Azure OpenAI, on this machine, without cost or quota.

Without a command it serves at http://127.0.0.1:8000 until Ctrl-C, and prints the address and the key.

  {program}                         generated answers, with the latency and limits of the real service
  {program} --fast                  the same, but at once and without limits
  {program} --record URL            answers of your Azure OpenAI resource, stored in .recording
  {program} --replay .recording     the stored answers, with their timing
  {program} --tls                   https, for clients that take nothing else

Then point a client at it:

  export AZURE_OPENAI_ENDPOINT=http://127.0.0.1:8000 OPENAI_API_VERSION=2024-10-21
  export AZURE_OPENAI_API_KEY=the-key-that-it-printed

"""
_END = """
Everything else is a setting: a variable of the environment, or a line NAME=value in the file .env of
the current folder. SIMULATOR_API_KEY=any-key keeps the key the same from start to start. All settings
are in docs/configuration.md of the repository. --version names the installed version.
"""


def page(program: str, commands: Iterable[Command]) -> str:
    """Return what a newcomer needs: what it does, what to type, and where the rest is."""
    commands = tuple(commands)
    serve = argparse.ArgumentParser(prog=program, usage=argparse.SUPPRESS, add_help=False)
    commands[0].add_arguments(serve)
    listed = "".join(f"  {program} {command.name:<12} {command.summary}\n" for command in commands)
    flags = serve.format_help().strip()
    return (
        _BEGINNING.format(program=program)
        + f"{flags}\n\ncommands (--help after one shows its options):\n{listed}"
        + _END
    )
