"""The command that serves the app on this machine."""

import argparse
import contextlib
import logging
import os
import signal
import socket
import sys

from simulator.commands.base import ROOT, CommandError
from simulator.configuration.settings import Settings, load_environment
from simulator.telemetry.logs import REQUESTS, show_lines


class Serve:
    """Starts the local host. Everything heavy is imported late, so that a bad setting or a taken
    port is reported at once.
    """

    name = "serve"
    summary = "serve the app on this machine (the default command)"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", type=_port, default=8000, help="default 8000; 0 picks one")
        parser.add_argument("--host", default="127.0.0.1", help="address, default 127.0.0.1")

    def run(self, arguments: argparse.Namespace) -> int:
        settings = Settings.from_env(load_environment(ROOT))
        logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        show_lines(REQUESTS, sys.stdout)
        with _listen(arguments) as listener, contextlib.suppress(KeyboardInterrupt):
            # SIGTERM ends like Ctrl-C, whatever is under way.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            _serve(settings, listener)
        return 0


def _serve(settings: Settings, listener: socket.socket) -> None:
    key = "the one in SIMULATOR_API_KEY"
    if not settings.api_key and not settings.on_azure:
        settings = settings.with_key()
        # function_app, imported below, reads its settings from the environment.
        os.environ["SIMULATOR_API_KEY"] = settings.api_key
        key = f"{settings.api_key} (made for this run; set SIMULATOR_API_KEY to keep one)"
    import function_app
    from simulator.hosting.local_host import route_prefix, serve
    from simulator.hosting.triggers import read_triggers

    triggers = read_triggers(function_app.app.get_functions(), route_prefix(ROOT))
    address, port = listener.getsockname()[:2]
    url = f"http://{f'[{address}]' if ':' in address else address}:{port}"
    print(f"Azure OpenAI API Simulator, mode {settings.mode}: {url}\napi-key: {key}", flush=True)
    serve(triggers, listener, function_app.simulator.close)


def _listen(arguments: argparse.Namespace) -> socket.socket:
    address: str = arguments.host
    port: int = arguments.port
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise CommandError(f"cannot listen on {address}:{port}: {reason}") from None


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError(text)
    return port
