"""`python -m bench [PART …]`: measures, and prints each figure beside its budget.

A server's processor time is utime and stime of /proc/PID/stat, so this runs on Linux only.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.cost import chat, stream
from bench.growth import growth
from bench.hold import hold
from bench.limits import limits, steady
from bench.paced import paced
from bench.recordings import record
from bench.rows import Row, heading, table
from bench.rules import rules
from bench.start import start
from bench.workers import workers

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "chat": chat,
    "stream": stream,
    "start": start,
    "workers": workers,
    "hold": hold,
    "paced": paced,
    "limits": limits,
    "steady": steady,
    "growth": growth,
    "record": record,
    "rules": rules,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all: none")
    named = parser.parse_args().part
    unknown = [part for part in named if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    if not Path("/proc/self/stat").exists():
        print("bench: a process's CPU time is read from /proc, which is Linux's", file=sys.stderr)
        return 1
    print(heading())
    for part in named or PARTS:
        print(table(part, PARTS[part]()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
