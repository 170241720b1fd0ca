"""The command that serves the app on this machine."""

import argparse
import contextlib
import errno
import functools
import ipaddress
import os
import socket
import sys
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from simulator.commands.base import CommandError
from simulator.commands.loading import without_collections
from simulator.commands.serve_flags import add_flags, settings_of
from simulator.commands.several_workers import serve_with_workers, worker_count
from simulator.configuration.environment import load_environment
from simulator.configuration.folders import APP, ROOT
from simulator.configuration.settings import SettingError, Settings
from simulator.hosting.stopping import interrupt_once
from simulator.telemetry.logs import REQUESTS, show_lines, show_problems

if TYPE_CHECKING:
    from simulator.hosting.certificate import Certificate


class Serve:
    """Starts the local host. Everything heavy is imported late, so that a bad setting or a taken
    port is reported at once.
    """

    name = "serve"
    summary = "serve the app on this machine (the default command)"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_flags(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        if bool(arguments.cert) != bool(arguments.key):
            arguments.usage_error("--cert and --key go together")
        workers = worker_count(arguments.workers)
        environment = load_environment(ROOT)
        # function_app, imported later, reads its settings from the environment.
        os.environ.update(settings_of(arguments, environment))
        settings = Settings.from_env(environment)
        certificate = _certificate(arguments, settings)
        show_problems(sys.stderr)
        show_lines(REQUESTS, sys.stdout)
        with _listen(arguments) as listener, contextlib.suppress(KeyboardInterrupt):
            _check_upstream(settings, listener)
            interrupt_once()
            settings, made = _with_key(settings)
            url = _address(listener, "https" if certificate else "http")
            greet = functools.partial(
                _greet, settings, url, made, certificate, environment, opens=arguments.open
            )
            if workers > 1:
                return serve_with_workers(
                    workers, settings, listener, certificate, environment, greet
                )
            _serve(settings, listener, certificate, greet)
        return 0


def _serve(
    settings: Settings,
    listener: socket.socket,
    certificate: "Certificate | None",
    greet: Callable[[], None],
) -> None:
    sys.path.insert(0, str(APP))
    with without_collections():
        import function_app
        from simulator.hosting.local_host import route_prefix, serve
        from simulator.hosting.triggers import read_triggers

    triggers = read_triggers(function_app.app.get_functions(), route_prefix(APP))
    greet()
    simulator = function_app.simulator
    serve(
        triggers,
        listener,
        simulator.close,
        certificate,
        requests=settings.max_concurrent_requests,
        shed=simulator.shed,
    )


def _with_key(settings: Settings) -> tuple[Settings, str]:
    """Return the settings with a key, and the key if it was made for this run."""
    if settings.api_key or settings.on_azure:
        return settings, ""
    settings = settings.with_key()
    os.environ["SIMULATOR_API_KEY"] = settings.api_key
    return settings, settings.api_key


def _greet(
    settings: Settings,
    url: str,
    made: str,
    certificate: "Certificate | None",
    environment: Mapping[str, str],
    *,
    opens: bool,
) -> None:
    """Print what a user needs to begin; `made` is the key if it was made for this run."""
    from simulator.commands.greeting import lines

    key = "the one in SIMULATOR_API_KEY"
    if made:
        key = f"{made} (made for this run; set SIMULATOR_API_KEY to keep one)"
    print(f"Azure OpenAI API Simulator, mode {settings.mode}: {url}\napi-key: {key}", flush=True)
    console = _console(settings, url, made)
    for line in (*console, *_trust(certificate), *lines(settings, environment)):
        print(line, flush=True)
    if opens and console:
        _open(console[0].partition(" ")[2])


def _open(link: str) -> None:
    """Open a browser, whose first request waits in the listener until the host serves."""
    import webbrowser

    # A browser at the terminal returns only when it is left.
    threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()


def _console(settings: Settings, url: str, made: str) -> list[str]:
    """Return the line with the console's link, which has the key in it if that was made for this run."""
    if not settings.serves_console:
        return []
    return [f"console: {url}/{f'#key={made}' if made else ''}"]


def _address(listener: socket.socket, scheme: str) -> str:
    address, port = listener.getsockname()[:2]
    return f"{scheme}://{f'[{address}]' if ':' in address else address}:{port}"


def _certificate(arguments: argparse.Namespace, settings: Settings) -> "Certificate | None":
    if not arguments.tls and not arguments.cert:
        return None
    import ssl

    from simulator.assembly.fleet import resource_names
    from simulator.hosting.certificate import NAMES, Certificate, self_signed, user_folder

    if not arguments.cert:
        of_fleet = [f"{name}.localhost" for name in resource_names(settings)]
        return self_signed(user_folder(), (*NAMES, *of_fleet))
    for flag, file in (("--cert", arguments.cert), ("--key", arguments.key)):
        try:
            file.read_bytes()
        except OSError as error:
            raise CommandError(f"{flag} {file}: {error.strerror}") from None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(arguments.cert, arguments.key)
    except ssl.SSLError as error:
        files = f"--cert {arguments.cert} --key {arguments.key}"
        reason = (error.reason or "").replace("_", " ").lower()
        raise CommandError(
            f"{files}: not a certificate and its private key in PEM format ({reason})"
        ) from None
    return Certificate(arguments.cert, arguments.key)


def _trust(certificate: "Certificate | None") -> list[str]:
    """Return the lines to copy for clients, if the certificate is our own."""
    if certificate is None or certificate.trusted is None:
        return []
    return [
        "clients trust its certificate with these variables:",
        f"SSL_CERT_FILE={certificate.trusted}",
        f"REQUESTS_CA_BUNDLE={certificate.trusted}",
        f"NODE_EXTRA_CA_CERTS={certificate.authority}",
    ]


def _check_upstream(settings: Settings, listener: socket.socket) -> None:
    """Stop the start if record mode would call this very process, again and again."""
    endpoint = urllib.parse.urlsplit(settings.upstream_endpoint)
    _, port = listener.getsockname()[:2]
    if settings.mode != "record" or _port_of(endpoint) != port:
        return
    if _is_this_machine(endpoint.hostname or ""):
        allowed = "an Azure OpenAI resource, not the address at which the simulator itself serves"
        raise SettingError("AZURE_OPENAI_ENDPOINT", repr(settings.upstream_endpoint), allowed)


def _port_of(endpoint: urllib.parse.SplitResult) -> int | None:
    try:
        return endpoint.port or {"http": 80, "https": 443}.get(endpoint.scheme)
    except ValueError:
        return None


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost") or host == socket.gethostname().lower():
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _listen(arguments: argparse.Namespace) -> socket.socket:
    address: str = arguments.host
    port: int = arguments.port
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address, port), family=family, backlog=2048)
    except OSError as error:
        # Python adds to a reason what it attempted.
        reason = str(error.strerror or error).partition(" (while")[0]
        if error.errno == errno.EADDRINUSE:
            reason += "; --port names another, and 0 picks a free one"
        raise CommandError(f"cannot listen on {address}:{port}: {reason}") from None
