"""The command line: `python -m simulator [COMMAND] …`."""

import argparse
import sys
import traceback
from collections.abc import Sequence

from simulator.catalogue.deployment_file import DeploymentFileError
from simulator.commands import COMMANDS
from simulator.commands.base import CommandError
from simulator.configuration.settings import SettingError
from simulator.extension_error import ExtensionError

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
    except CommandError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    except ExtensionError as error:
        traceback.print_exception(error.__cause__)
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    except (SettingError, DeploymentFileError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
