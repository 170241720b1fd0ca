"""Ends of connections over TLS whose clients send no farewell, on either event loop."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterator

import azure.functions as func
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from simulator.hosting import local_host, traffic
from simulator.hosting.bounds import Bounds
from simulator.hosting.certificate import Certificate, self_signed
from simulator.hosting.triggers import read_triggers
from tests.conftest import running

LARGE = 20_000_000
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("small", methods=["GET"])
async def small(req: Request) -> Response:
    return Response("small")


@app.route("large", methods=["GET"])
async def large(req: Request) -> Response:
    return Response(b"a" * LARGE)


TRIGGERS = read_triggers(app.get_functions())
Connect = Callable[[], ssl.SSLSocket]


def asyncios_own(_: uvicorn.Config) -> Callable[[], asyncio.AbstractEventLoop]:
    return asyncio.new_event_loop


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["uvloop", "asyncio"])
def connect(
    request: pytest.FixtureRequest, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Connect]:
    """Connect to a host that closes what is idle or at its end twenty times a second."""
    monkeypatch.setattr(traffic, "_SWEEP_SECONDS", 0.05)
    if request.param == "asyncio":
        monkeypatch.setattr(uvicorn.Config, "get_loop_factory", asyncios_own)
    context = ssl.create_default_context(cafile=str(certificate.trusted))
    bounds = Bounds(idle_seconds=0.1)
    with running(TRIGGERS, bounds=bounds, certificate=certificate) as url:
        port = int(url.rpartition(":")[2])

        def connected() -> ssl.SSLSocket:
            plain = socket.create_connection(("127.0.0.1", port), timeout=20)
            return context.wrap_socket(plain, server_hostname="localhost")

        yield connected


def ask(connection: ssl.SSLSocket, path: str, *headers: str) -> None:
    lines = [f"GET /{path} HTTP/1.1", "host: localhost", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode())


def received(connection: ssl.SSLSocket) -> bytes:
    """All that the host sends until its farewell, which this client does not answer."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def wait_until_cut(connection: ssl.SSLSocket) -> None:
    """Fail if the connection below is not closed long before the 30 seconds of the loops."""
    with socket.socket(fileno=os.dup(connection.fileno())) as plain:
        plain.settimeout(20)
        assert plain.recv(1) == b""


def test_a_client_that_begins_no_handshake_is_cut(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_host, "HANDSHAKE", 0.2)
    with running(TRIGGERS, certificate=certificate) as url:
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        with socket.create_connection(address, timeout=20) as silent:
            assert silent.recv(1) == b""


@pytest.mark.parametrize("headers", [(), ("connection: close",)])
def test_a_client_that_sends_no_farewell_is_cut(connect: Connect, headers: tuple[str, ...]) -> None:
    with connect() as connection:
        ask(connection, "small", *headers)
        assert received(connection).endswith(b"\r\n\r\nsmall")
        wait_until_cut(connection)


def test_a_slow_reader_gets_all_of_its_answer(connect: Connect) -> None:
    with connect() as slow:
        ask(slow, "large", "connection: close")
        for _ in range(2):  # long enough for the slow one to be cut as well
            with connect() as connection:
                ask(connection, "small", "connection: close")
                received(connection)
                wait_until_cut(connection)
        _, _, answer = received(slow).partition(b"\r\n\r\n")
        assert len(answer) == LARGE
        wait_until_cut(slow)


def test_a_client_that_sends_more_than_it_may_reads_why(connect: Connect) -> None:
    with connect() as connection:
        connection.sendall(b"GET /" + b"a" * 2**24)  # raises if the connection is reset
        assert connection.recv(65_536).startswith(b"HTTP/1.1 414 ")


async def test_no_connection_is_left_when_the_host_has_ended(certificate: Certificate) -> None:
    server = local_host.create_server(TRIGGERS, grace=0, certificate=certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listener]))
    context = ssl.create_default_context(cafile=str(certificate.trusted))
    plain = socket.create_connection(listener.getsockname(), timeout=20)
    connection = await asyncio.to_thread(context.wrap_socket, plain, server_hostname="localhost")
    with connection:
        ask(connection, "small")
        assert (await asyncio.to_thread(connection.recv, 65_536)).startswith(b"HTTP/1.1 200")
        assert server.server_state.connections
        server.should_exit = True
        await serving
        assert not server.server_state.connections
