"""Signals to a host that is a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = """
    import asyncio, socket, sys, time
    import azure.functions as func
    from starlette.requests import Request
    from starlette.responses import Response, StreamingResponse
    from simulator.hosting import stopping
    from simulator.hosting.local_host import create_server, serve_all
    from simulator.hosting.triggers import read_triggers

    stopping._AFTER_GRACE = stopping._AT_ONCE = 1.0
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    @app.route("slow", methods=["GET"])
    async def slow(req: Request) -> Response:
        print("slow", flush=True)
        await asyncio.sleep(60)

    @app.route("stream", methods=["GET"])
    async def stream(req: Request) -> Response:
        async def pieces():
            yield b"piece"
            print("stream", flush=True)
            await asyncio.sleep(60)
        return StreamingResponse(pieces())

    @app.route("thread", methods=["GET"])
    def thread(req: Request) -> Response:
        print("thread", flush=True)
        time.sleep(60)

    @app.route("loop", methods=["GET"])
    async def loop(req: Request) -> Response:
        print("loop", flush=True)
        time.sleep(60)

    async def hangs():
        await asyncio.sleep(60 if "hangs" in sys.argv else 0)

    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    triggers = read_triggers(app.get_functions())
    server = create_server(triggers, grace=int(sys.argv[1]))
    asyncio.run(serve_all(server, triggers, listener, hangs))
"""
WORKER = """
    import asyncio, sys
    from starlette.responses import StreamingResponse
    from simulator.hosting import stopping, worker_server
    from tests.support.azurite import free_port

    worker_server._GRACE = int(sys.argv[1])
    web = worker_server.WebApp()

    @web.route
    async def answer(request):
        path = request.url.path[1:]
        print(path, flush=True)
        if path == "slow":
            await asyncio.sleep(60)

        async def pieces():
            yield b"piece"
            await asyncio.sleep(60)
        return StreamingResponse(pieces())

    port = free_port()
    print(port, flush=True)

    async def work():
        # The worker itself goes on: only the signal ends it.
        serving = asyncio.create_task(worker_server.WebServer("127.0.0.1", port, web).serve())
        await asyncio.sleep(60)

    asyncio.run(work())
"""
NOHUP = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
if os.name == "nt":
    pytest.skip("there are no such signals", allow_module_level=True)


class Program:
    """The host; what it prints are its port and the requests that have begun."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._port = int(self.line())

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def ask(self, path: str) -> socket.socket:
        """A connection on which the request has begun."""
        connection = connected(self._port)
        connection.sendall(f"GET /{path} HTTP/1.1\r\nhost: a\r\n\r\n".encode())
        assert self.line() == path
        return connection

    def signalled(self, *signals: signal.Signals) -> None:
        """Send the signals; fail if the process does not end long before what hangs in it."""
        for one in signals:
            self.process.send_signal(one)
            time.sleep(0.2)  # the server looks for signals ten times a second
        self.process.wait(20)


EARLY = """
    import asyncio, contextlib, os, signal, socket
    import azure.functions as func
    from simulator.hosting.local_host import serve
    from simulator.hosting.triggers import read_triggers

    async def signalled():
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.1)

    @contextlib.asynccontextmanager
    async def before():
        await signalled()
        yield

    async def close():
        await signalled()
        print("closed", flush=True)

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    triggers = read_triggers(func.FunctionApp().get_functions())
    with contextlib.suppress(KeyboardInterrupt):
        serve(triggers, listener, close, beside=before)
    print("stopped", flush=True)
"""


def connected(port: int) -> socket.socket:
    """A connection to the port, on which the program may not listen yet."""
    ends = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=20)
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)


@contextmanager
def host(*arguments: str, program: str = APP) -> Generator[Program]:
    command = [sys.executable, "-c", textwrap.dedent(program), *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=-1, stderr=-3, text=True) as process:  # noqa: S603 - our own
        try:
            yield Program(process)
        finally:
            process.kill()


def received(connection: socket.socket) -> bytes:
    with connection:
        return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_after_the_grace_period_clients_get_the_services_503(sent: signal.Signals) -> None:
    with host("1") as program:
        slow, stream = program.ask("slow"), program.ask("stream")
        program.signalled(sent)
    head, _, body = received(slow).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in head
    assert body.startswith(b'{"error": {"code": "ServiceUnavailable"')
    cut = received(stream)
    assert cut.startswith(b"HTTP/1.1 200 ")
    assert cut.endswith(b"piece\r\n")


def test_a_terminal_that_ends_ends_nothing_under_nohup() -> None:
    with host("1", program=NOHUP + textwrap.dedent(APP)) as program:
        slow = program.ask("slow")
        program.process.send_signal(signal.SIGHUP)
        with program.ask("stream") as stream:
            assert stream.recv(4096).startswith(b"HTTP/1.1 200 ")
        slow.close()


def test_the_functions_worker_ends_as_well() -> None:
    with host("1", program=WORKER) as program:
        slow, stream = program.ask("slow"), program.ask("stream")
        program.signalled(signal.SIGTERM)
    assert received(slow).startswith(b"HTTP/1.1 503 ")
    assert received(stream).endswith(b"piece\r\n")


@pytest.mark.parametrize("path", ["thread", "loop"])
def test_what_hangs_does_not_hold_up_the_end(path: str) -> None:
    with host("1") as program, program.ask(path):
        program.signalled(signal.SIGTERM)


def test_a_store_that_cannot_be_closed_does_not_hold_up_the_end() -> None:
    with host("1", "hangs") as program:
        program.signalled(signal.SIGTERM)


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(second: signal.Signals) -> None:
    with host("600") as program, program.ask("slow"):
        program.signalled(signal.SIGTERM, second)


def test_signals_before_it_serves_and_while_it_closes_do_not_interrupt_the_event_loop() -> None:
    with host(program=EARLY) as program:
        assert program.process.wait(20) == 0
        assert [program.line(), program.line()] == ["closed", "stopped"]
