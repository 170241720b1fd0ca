"""One of several processes that serve on one port: `python -m simulator.commands.worker …`, which
`serve --workers` runs. Its settings are in the environment; its standard input ends with `serve`.
"""

import argparse
import contextlib
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Generator, Sequence
from pathlib import Path

from simulator.commands.loading import without_collections
from simulator.configuration.environment import load_environment
from simulator.configuration.folders import APP, ROOT
from simulator.errors import StartError
from simulator.hosting.stopping import interrupt_once
from simulator.hosting.workers import READY
from simulator.telemetry.logs import REQUESTS, show_lines, show_problems


def main(arguments: Sequence[str]) -> int:
    parsed = _parser().parse_args(arguments)
    orphaned = threading.Event()
    threading.Thread(target=_end_with_parent, args=(orphaned,), daemon=True).start()
    show_problems(sys.stderr)
    show_lines(REQUESTS, sys.stdout)
    with contextlib.suppress(KeyboardInterrupt), socket.socket(fileno=parsed.listener) as listener:
        try:
            _serve(parsed, listener)
        except StartError as error:
            cause = error.__cause__ if error.shows_cause else None
            lines = traceback.format_exception(cause) if cause else []
            os.write(parsed.ready, "".join([*lines, str(error)]).encode())
            return error.exit_code
    if orphaned.is_set():  # nobody else is left to do it; the last worker can
        with contextlib.suppress(OSError):
            parsed.siblings.rmdir()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator.commands.worker")
    parser.add_argument("--listener", type=int, required=True)
    parser.add_argument("--ready", type=int, required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--siblings", type=Path, required=True)
    parser.add_argument("--timers", action="store_true")
    parser.add_argument("--cert", type=Path)
    parser.add_argument("--key", type=Path)
    return parser


def _serve(parsed: argparse.Namespace, listener: socket.socket) -> None:
    load_environment(ROOT)
    sys.path.insert(0, str(APP))
    with without_collections():
        import function_app
        from simulator.hosting.certificate import Certificate
        from simulator.hosting.local_host import ACCEPTED_BY_WORKER, route_prefix, serve
        from simulator.hosting.triggers import Triggers, read_triggers

    triggers = read_triggers(function_app.app.get_functions(), route_prefix(APP))
    if not parsed.timers:
        triggers = Triggers(triggers.http, ())
    os.write(parsed.ready, READY)
    os.close(parsed.ready)
    with _raising_sigterm():
        serve(
            triggers,
            listener,
            function_app.simulator.close,
            Certificate(parsed.cert, parsed.key) if parsed.cert else None,
            requests=function_app.settings.max_concurrent_requests,
            shed=function_app.simulator.shed,
            accepted=ACCEPTED_BY_WORKER,
            beside=lambda: function_app.simulator.siblings.serving(
                parsed.siblings, str(parsed.number)
            ),
        )


@contextlib.contextmanager
def _raising_sigterm() -> Generator[None]:
    """Let SIGTERM, which the server raises again when it has stopped, end in exit code 0.

    Before and after it kills, without a traceback from wherever the process happens to be.
    """
    interrupt_once()
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end_with_parent(orphaned: threading.Event) -> None:
    """Stop as after SIGTERM when the process that started this one is gone."""
    # Not through sys.stdin, whose lock a thread that waits would hold at the end of Python.
    while os.read(0, 1):
        pass
    orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
