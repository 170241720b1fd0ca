"""The command line: `python -m simulator [COMMAND] …`."""

import argparse
import sys
import traceback
from collections.abc import Sequence

from simulator.commands import COMMANDS
from simulator.errors import StartError

HELP = ("-h", "--help")


def main(arguments: Sequence[str]) -> int:
    """Runs a command, `serve` unless another is named; answers the exit code.

    0: done; 1: something outside is not as the command needs it; 2: a wrong argument or setting.
    """
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        command.add_arguments(commands.add_parser(command.name, help=command.summary))
    named = arguments and (arguments[0] in HELP or not arguments[0].startswith("-"))
    parsed = parser.parse_args(arguments if named else [COMMANDS[0].name, *arguments])
    command = next(command for command in COMMANDS if command.name == parsed.command)
    try:
        return command.run(parsed)
    except StartError as error:
        if error.shows_cause:
            traceback.print_exception(error.__cause__)
        print(f"simulator: {error}", file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
