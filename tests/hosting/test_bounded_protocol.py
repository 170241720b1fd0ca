"""The bounds of the local host, over sockets."""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Generator

import azure.functions as func
import pytest
from starlette.requests import Request
from starlette.responses import Response

from simulator.hosting.bounds import Bounds, connections_within, listeners_within
from simulator.hosting.triggers import read_triggers
from tests.conftest import running

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
RELEASE = threading.Event()
GET = b"GET /wait HTTP/1.1\r\nhost: a\r\n\r\n"
HEALTH = b"GET /++/health HTTP/1.1\r\nhost: a\r\n\r\n"


@app.route("++/health", methods=["GET"])
async def health(req: Request) -> Response:
    return Response("well")


@app.route("wait", methods=["GET", "POST"])
def wait(req: Request) -> Response:
    RELEASE.wait(10)
    return Response("done")


@app.route("key", methods=["POST"])
async def key(req: Request) -> Response:
    await req.body()
    return Response(",".join(req.headers.getlist("api-key")))


@app.route("body", methods=["POST"])
async def body(req: Request) -> Response:
    return Response(str(len(await req.body())))


@app.route("early", methods=["POST"])
async def early(req: Request) -> Response:
    return Response("early")


TRIGGERS = read_triggers(app.get_functions())
Connect = Callable[[], socket.socket]


@contextlib.contextmanager
def bounded(bounds: Bounds, shed: Callable[[], None] = lambda: None) -> Generator[Connect]:
    """Connect to a host with these bounds."""
    RELEASE.clear()
    with running(TRIGGERS, bounds=bounds, shed=shed) as url, contextlib.ExitStack() as stack:
        host, port = url.removeprefix("http://").split(":")

        def connect() -> socket.socket:
            made = socket.create_connection((host, int(port)), timeout=10)
            return stack.enter_context(made)

        try:
            yield connect
        finally:
            RELEASE.set()


def exchanged(connection: socket.socket, *pieces: bytes) -> bytes:
    for piece in pieces:
        connection.sendall(piece)
    return connection.recv(65_536)


def send_forever(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"x")


def all_of(connection: socket.socket) -> bytes:
    whole = b""
    while piece := connection.recv(65_536):
        whole += piece
    return whole


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /++/health?" + b"a" * 9_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n", b"414"),
        (b"GET /++/health HTTP/1.1\r\nhost: a\r\nx: " + b"a" * 33_000 + b"\r\n\r\n", b"431"),
        (b"GET /++/health HTTP/1.1\r\n" + b"x: a\r\n" * 101 + b"\r\n", b"431"),
        (b"GET /++/health HTTP/1.1\r\nx: " + b"a" * 50_000, b"431"),
        (b"\x00\x01\r\n\r\n", b"400"),
        (b"GET /++/health HTTP/1.1\r\nhost: a\r\nx: " + b"a" * 30_000 + b"\r\n\r\n", b"200"),
    ],
)
def test_a_head_has_a_largest_size(request_: bytes, status: bytes) -> None:
    with bounded(Bounds()) as connect:
        assert exchanged(connect(), request_).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"HTTP/1.1\r\n", b"400"),
        (b"HTTP/1.1\r\nhost: a\r\nhost: a\r\n", b"400"),
        (b"HTTP/1.0\r\nhost: a\r\nhost: b\r\n", b"400"),
        (b"HTTP/1.1\r\nhost: a b\r\n", b"400"),
        (b"HTTP/1.1\r\nhost: a/b\r\n", b"400"),
        (b"HTTP/1.1\r\nhost: me@a\r\n", b"400"),
        (b"HTTP/1.1\r\nhost: \xc3\xa4\r\n", b"400"),
        (b"HTTP/1.0\r\n", b"200"),
        (b"HTTP/1.1\r\nhost:\r\n", b"200"),
        (b"HTTP/1.1\r\nHOST: my_sim.example:8000\r\n", b"200"),
        (b"HTTP/1.1\r\nhost: [::1]:8000\r\n", b"200"),
        (b"HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\nconnection: upgrade\r\n", b"200"),
        (b"HTTP/1.1\r\nupgrade: h2c\r\nconnection: upgrade\r\n", b"400"),
    ],
)
def test_a_request_names_one_host(lines: bytes, status: bytes) -> None:
    with bounded(Bounds()) as connect:
        answer = exchanged(connect(), b"GET /++/health " + lines + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"a" * 2**24, b"414"),
        (b"GET / HTTP/1.1\r\nx: " + b"a" * 2**24, b"431"),
        (b"\r\n" * 2**23, b"431"),
        (b"\x00" * 2**24, b"400"),
    ],
)
def test_a_client_that_sends_more_than_it_may_reads_why(request_: bytes, status: bytes) -> None:
    with bounded(Bounds()) as connect:
        connection = connect()
        connection.sendall(request_)  # raises if the connection is reset
        assert connection.recv(65_536).startswith(b"HTTP/1.1 " + status)
        assert connection.recv(65_536) == b""


def test_who_goes_on_sending_after_a_refusal_is_cut_off() -> None:
    with bounded(Bounds(farewell=2**20)) as connect:
        connection = connect()
        with pytest.raises(ConnectionError):
            connection.sendall(b"\x00" * 2**25)


def test_who_does_not_close_after_a_refusal_is_closed() -> None:
    with bounded(Bounds(farewell_seconds=0, connections=8)) as connect:
        connection = connect()
        assert exchanged(connection, b"\x00").startswith(b"HTTP/1.1 400")
        with pytest.raises(ConnectionError):
            send_forever(connection)


def test_what_was_requested_before_is_answered_before_a_refusal() -> None:
    with bounded(Bounds()) as connect:
        connection = connect()
        connection.sendall(GET + HEALTH + b"no request\r\n\r\n")
        RELEASE.set()
        assert re.findall(rb"HTTP/1.1 (\d+)", all_of(connection)) == [b"200", b"200", b"400"]


@pytest.mark.parametrize(
    "pieces",
    [
        (b"GET /++/health HTTP/1.1\r\nx:",),
        (b"POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n", b"abc"),
    ],
)
def test_a_request_that_stands_still_is_refused(pieces: tuple[bytes, ...]) -> None:
    with bounded(Bounds(head_seconds=0.3, body_seconds=0.3)) as connect:
        connection = connect()
        assert exchanged(connection, *pieces).startswith(b"HTTP/1.1 408")
        assert connection.recv(1) == b""


def test_a_connection_that_says_nothing_is_closed() -> None:
    with bounded(Bounds(head_seconds=0.3)) as connect:
        assert connect().recv(1) == b""


def test_the_oldest_silent_connection_makes_room() -> None:
    with bounded(Bounds(connections=3)) as connect:
        silent = [connect() for _ in range(3)]
        time.sleep(0.05)
        assert exchanged(connect(), HEALTH).startswith(b"HTTP/1.1 200")
        with contextlib.suppress(ConnectionResetError):
            assert silent[0].recv(1) == b""


def test_connections_beyond_the_bound_are_refused_but_for_health() -> None:
    with bounded(Bounds(connections=3)) as connect:
        for _ in range(3):
            connect().sendall(GET)
        time.sleep(0.1)
        refusal = exchanged(connect(), GET)
        assert refusal.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 1" in refusal
        assert exchanged(connect(), HEALTH).startswith(b"HTTP/1.1 200")


def test_requests_beyond_the_bound_are_shed_and_counted_but_for_health() -> None:
    shed: list[int] = []
    with bounded(Bounds(requests=3), lambda: shed.append(1)) as connect:
        for _ in range(3):
            connect().sendall(GET)
        time.sleep(0.1)
        connection = connect()
        refusal = exchanged(connection, GET)
        assert refusal.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 1" in refusal
        assert exchanged(connection, HEALTH).startswith(b"HTTP/1.1 200")
        assert shed == [1]


def test_connections_follow_the_limit_of_open_files() -> None:
    found = [connections_within(files) for files in (10, 256, 1_024, 1 << 20)]
    assert found == [8, 128, 896, 50_000]
    assert [listeners_within(files, 64) for files in (10, 64, 1_024, 1 << 20)] == [1, 4, 64, 64]


def test_a_connection_that_stands_idle_is_closed_and_one_that_works_is_not() -> None:
    with bounded(Bounds(idle_seconds=0.1)) as connect:
        idle, works = connect(), connect()
        works.sendall(GET)
        idle.sendall(HEALTH)
        assert b"".join(iter(lambda: idle.recv(4096), b"")).endswith(b"well")
        RELEASE.set()
        assert works.recv(4096).startswith(b"HTTP/1.1 200")


def test_requests_that_wait_on_one_connection_have_a_largest_number() -> None:
    with bounded(Bounds(pipelined=3)) as connect:
        connection = connect()
        connection.sendall(GET + HEALTH * 3)
        RELEASE.set()
        got = b""
        while got.count(b"HTTP/1.1 200") < 4:
            got += connection.recv(4096)
        RELEASE.clear()
        connection.sendall(GET + HEALTH * 4)
        RELEASE.set()
        got = all_of(connection)
        assert got.count(b"HTTP/1.1 200") == 4
        assert got.count(b"HTTP/1.1 400") == 1
        assert b"wait for the answer" in got


BROKEN_BODY = b"POST /body HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nnot hex\r\n"


def test_what_was_requested_before_is_answered_before_a_body_is_refused() -> None:
    with bounded(Bounds()) as connect:
        connection = connect()
        connection.sendall(GET + BROKEN_BODY)
        RELEASE.set()
        answer = all_of(connection)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"doneHTTP/1.1 400 " in answer
    assert answer.count(b"HTTP/1.1 ") == 2


def test_a_body_whose_request_was_answered_already_is_not_refused() -> None:
    head, _, broken = BROKEN_BODY.partition(b"\r\n\r\n")
    with bounded(Bounds()) as connect:
        connection = connect()
        connection.sendall(head.replace(b"/body", b"/early") + b"\r\n\r\n")
        assert connection.recv(65_536).endswith(b"early")
        connection.sendall(broken)
        assert all_of(connection) == b""


def test_trailers_are_no_headers() -> None:
    head = b"POST /key HTTP/1.1\r\nhost: a\r\napi-key: mine\r\ntransfer-encoding: chunked\r\n\r\n"
    with bounded(Bounds()) as connect:
        got = exchanged(connect(), head + b"2\r\nhi\r\n0\r\napi-key: other\r\nx: y\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 200")
        assert got.endswith(b"\r\n\r\nmine")


def test_a_flood_of_trailers_is_refused() -> None:
    head = b"POST /key HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"
    with bounded(Bounds()) as connect:
        assert exchanged(connect(), head + b"x: y\r\n" * 101).startswith(b"HTTP/1.1 431")


def test_a_method_that_no_route_has_gets_an_error_with_a_body() -> None:
    with bounded(Bounds()) as connect:
        got = exchanged(connect(), b"TRACE /body HTTP/1.1\r\nhost: a\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 404")
        assert b"Resource not found" in got
