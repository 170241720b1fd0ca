"""The command that checks a fleet file."""

import argparse
from pathlib import Path

from simulator.errors import StartError


class Fleet:
    name = "fleet"
    summary = "check a fleet file, and show its timeline as a table"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="check")
        check = actions.add_parser(
            "check", help="say what is wrong with a file, or show its resources and timeline"
        )
        check.add_argument("file", type=Path, help="the file that FLEET_PATH is to name")

    def run(self, arguments: argparse.Namespace) -> int:
        # No other command needs the rules and the fleet before a simulator is made.
        from simulator.assembly.resources import ruled_names
        from simulator.fleet.document import read_fleet
        from simulator.fleet.listing import listing
        from simulator.storage.followed import UnusableDocument

        file: Path = arguments.file
        try:
            lines = listing(read_fleet(file.read_bytes(), ruled_names()))
        except OSError as error:
            raise StartError(f"{file}: {error.strerror}") from None
        except UnusableDocument as error:
            raise StartError(f"{file}: {error}") from None
        print("\n".join(lines))
        return 0
