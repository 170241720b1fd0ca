"""Clients that close the sending side of their connection, over sockets."""

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable, Generator

import azure.functions as func
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from simulator.hosting.triggers import read_triggers
from tests.conftest import running

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
LEFT = threading.Event()
"""Set when the host notices that a client has left."""
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


@app.route("quick", methods=["GET", "POST"])
async def quick(req: Request) -> Response:
    return Response(await req.body() or b"quick")


@app.route("early", methods=["POST"])
async def early(req: Request) -> Response:
    return Response("early")


@app.route("slow", methods=["GET"])
async def slow(req: Request) -> Response:
    await asyncio.sleep(0.6)
    return Response("slow")


@app.route("stream", methods=["GET"])
async def stream(req: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.sleep(0.6)
        yield b"last"

    return StreamingResponse(pieces())


@app.route("silence", methods=["GET"])
async def silence(req: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"first"
        try:
            await asyncio.sleep(20)
        finally:
            LEFT.set()

    return StreamingResponse(pieces())


@app.route("left", methods=["GET"])
async def left(req: Request) -> Response:
    while (await req.receive())["type"] != "http.disconnect":
        pass
    LEFT.set()
    return Response()


Connect = Callable[[], socket.socket]


@pytest.fixture(scope="module")
def connect() -> Generator[Connect]:
    with running(read_triggers(app.get_functions())) as url, contextlib.ExitStack() as stack:
        host, port = url.removeprefix("http://").split(":")

        def connected() -> socket.socket:
            made = socket.create_connection((host, int(port)), timeout=10)
            return stack.enter_context(made)

        yield connected


def get(path: str, version: str = "1.1") -> bytes:
    return f"GET /{path} HTTP/{version}\r\nhost: a\r\n\r\n".encode()


def answers(connection: socket.socket, sent: bytes) -> bytes:
    """All that comes after the client has sent this, and its end."""
    connection.sendall(sent)
    connection.shutdown(socket.SHUT_WR)
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_it_gets_its_answer(connect: Connect) -> None:
    answer = answers(connect(), get("quick"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"quick")


def test_a_late_answer_comes_behind_interim_ones_that_show_whether_it_is_there(
    connect: Connect,
) -> None:
    answer = answers(connect(), get("slow"))
    assert answer.startswith(INTERIM * 2 + b"HTTP/1.1 200 ")
    assert answer.endswith(b"slow")


def test_it_gets_all_of_a_stream(connect: Connect) -> None:
    answer = answers(connect(), get("stream"))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert re.search(rb"\r\n0*5\r\nfirst\r\n0*4\r\nlast\r\n0+\r\n\r\n$", answer)


def test_a_stream_that_began_before_its_end_goes_on_with_zeros_that_show_whether_it_is_there(
    connect: Connect,
) -> None:
    with connect() as client:
        client.sendall(get("stream"))
        begun = client.recv(65_536)
        while not begun.endswith(b"first\r\n"):
            begun += client.recv(65_536)
        rest = answers(client, b"")
    assert rest == b"004\r\nlast\r\n0\r\n\r\n"


def test_who_left_a_stream_is_noticed_before_its_next_event(connect: Connect) -> None:
    LEFT.clear()
    with connect() as client:
        client.sendall(get("silence"))
        assert client.recv(65_536).startswith(b"HTTP/1.1 200 ")
    assert LEFT.wait(10)


def test_all_of_its_requests_are_answered(connect: Connect) -> None:
    answer = answers(connect(), get("slow") + get("quick"))
    assert answer.count(b"HTTP/1.1 200 ") == 2
    assert answer.endswith(b"quick")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /quick HT",
        b"POST /quick HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf",
        b"POST /quick HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
)
def test_half_a_request_is_refused(connect: Connect, sent: bytes) -> None:
    answer = answers(connect(), sent)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'"message": "The request is not valid HTTP."}}')


def test_what_was_whole_is_answered_before_half_a_request_is_refused(connect: Connect) -> None:
    answer = answers(connect(), get("slow") + b"GET /quick HT")
    assert answer.startswith(INTERIM * 2 + b"HTTP/1.1 200 ")
    assert b"slowHTTP/1.1 400 " in answer


def test_half_a_body_is_refused_after_the_answer_to_what_came_before(connect: Connect) -> None:
    half = b"POST /quick HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf"
    answer = answers(connect(), get("slow") + half)
    assert answer.count(b"HTTP/1.1 200 ") == 1
    assert b"slowHTTP/1.1 400 " in answer


def test_half_a_body_whose_request_was_answered_is_not_answered_again(connect: Connect) -> None:
    with connect() as client:
        client.sendall(b"POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nhalf")
        assert client.recv(65_536).endswith(b"early")
        assert answers(client, b"") == b""


def test_who_sends_nothing_gets_nothing(connect: Connect) -> None:
    assert answers(connect(), b"") == b""


def test_who_has_left_is_noticed(connect: Connect) -> None:
    LEFT.clear()
    with connect() as client:
        client.sendall(get("left"))
    assert LEFT.wait(10)


def test_who_knows_no_interim_answers_gets_quick_ones_alone(connect: Connect) -> None:
    LEFT.clear()
    assert answers(connect(), get("quick", "1.0")).endswith(b"quick")
    assert answers(connect(), get("left", "1.0")) == b""
    assert LEFT.wait(10)
