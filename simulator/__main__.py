"""The command line: `python -m simulator [COMMAND] …`."""

import argparse
import os
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import NoReturn, cast

from simulator.commands import COMMANDS
from simulator.commands.help_page import page
from simulator.configuration.warnings import setting_of_flag
from simulator.errors import StartError
from simulator.suggestions import nearest

TOP = ("-h", "--help", "--version")
_INTERRUPTED = 130
"""The exit code of what Ctrl-C has ended, as shells have it."""
SCRIPTS = ("aoai-simulator", "azure-openai-simulator")


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments."""

    def error(self, message: str) -> NoReturn:
        wrong = re.match(
            r"argument [\w|-]+: invalid choice: '(.*?)' \(choose from (.*)\)$", message
        )
        meant = nearest(wrong[1], re.findall(r"[a-z]+", wrong[2])) if wrong else None
        message += f"; did you mean {meant}?" if meant else ""
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help shows what there is)\n")

    def unknown(self, arguments: Sequence[str]) -> NoReturn:
        """Refuse arguments that nobody knows, and name the flag or setting that was probably meant."""
        flags = re.findall(r"--[a-z-]+", "".join(one.format_help() for one in self._all()))
        given = arguments[0].partition("=")[0]
        setting, meant = setting_of_flag(given), nearest(given, flags)
        hint = f"; did you mean {meant}?" if meant else ""
        if setting:
            hint = f"; {setting}= is a setting, of the environment or of .env"
        self.error(f"unrecognized arguments: {' '.join(arguments)}{hint}")

    def _all(self) -> Iterator[argparse.ArgumentParser]:
        """Yield this parser, and those of the actions that it has."""
        yield self
        for action in self._actions:
            choices = cast("object", action.choices)
            if isinstance(choices, dict):
                yield from cast("dict[str, argparse.ArgumentParser]", choices).values()


class _TopParser(_Parser):
    def format_help(self) -> str:
        return page(self.prog, COMMANDS)


def main(arguments: Sequence[str]) -> int:
    """Runs a command, `serve` unless another is named; returns the exit code.

    0: done; 1: something outside is not as the command needs it; 2: a wrong argument or setting.
    """
    parser = _TopParser(prog=_program(), description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    for command in COMMANDS:
        command.add_arguments(commands.add_parser(command.name, help=command.summary))
    parser.add_argument("--version", action="version", version=_version())
    named = arguments and (arguments[0] in TOP or not arguments[0].startswith("-"))
    parsed, unknown = parser.parse_known_args(
        arguments if named else [COMMANDS[0].name, *arguments]
    )
    if unknown:
        commands.choices[parsed.command].unknown(unknown)
    command = next(command for command in COMMANDS if command.name == parsed.command)
    try:
        return command.run(parsed)
    except StartError as error:
        if error.shows_cause:
            traceback.print_exception(error.__cause__)
        print(f"simulator: {error}", file=sys.stderr)
        return error.exit_code


def _version() -> str:
    """Return the name and the version of the installed package; a checkout has none."""
    try:
        return f"azure-openai-simulator {metadata.version('azure-openai-simulator')}"
    except metadata.PackageNotFoundError:
        return "azure-openai-simulator, from a checkout"


def _program() -> str:
    """Return what the user typed to get here."""
    name = Path(sys.argv[0]).stem
    return name if name in SCRIPTS else "python -m simulator"


def run() -> None:
    """The entry point of the installed scripts."""
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has read enough, such as `head`. Nothing is left for the end of Python to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        code = _INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    run()
