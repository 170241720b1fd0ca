"""Complete answers over a socket, byte by byte, beside those of Starlette's own response."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from simulator.hosting.header_lines import lines_of
from simulator.hosting.whole_response import WholeResponse

HEADERS = [(b"x-one", b"1"), (b"content-type", b"text/plain")]


def _plain(
    status: int, headers: list[tuple[bytes, bytes]], body: bytes, *, chunked: bool
) -> Response:
    response = Response(body, status)
    length = [] if chunked else [(b"content-length", b"%d" % len(body))]
    response.raw_headers = [*headers, *length]
    return response


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers as the path says: /OURS or /theirs, a status, a body, and whether it is chunked."""
    _, maker, status, body, *more = scope["path"].split("/")
    chunked = "chunked" in more
    headers = [*HEADERS, (b"connection", b"close")] if "close" in more else [*HEADERS]
    if maker == "ours":
        lines = lines_of({name.decode(): value.decode() for name, value in headers})
        response: Response = WholeResponse(int(status), lines, body.encode(), chunked=chunked)
    else:
        response = _plain(int(status), headers, body.encode(), chunked=chunked)
    await response(scope, receive, send)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(
        _app, http="httptools", lifespan="off", log_config=None, date_header=False
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve([listener]))
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


async def answers(port: int, *requests: str) -> bytes:
    """All that comes on one connection, whose last request closes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    last = len(requests) - 1
    for number, request in enumerate(requests):
        closing = "connection: close\r\n" if number == last else ""
        writer.write(f"{request} HTTP/1.1\r\nhost: a\r\n{closing}\r\n".encode())
    received = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    await writer.wait_closed()
    return received


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path", ["200/body", "429/body", "200/", "200/body/chunked", "200//chunked"]
)
async def test_an_answer_is_the_same_as_starlettes(port: int, method: str, path: str) -> None:
    ours = await answers(port, f"{method} /ours/{path}", f"{method} /ours/{path}")
    theirs = await answers(port, f"{method} /theirs/{path}", f"{method} /theirs/{path}")
    assert ours == theirs
    assert ours.count(b"HTTP/1.1 ") == 2


async def test_a_header_that_closes_the_connection_closes_it(port: int) -> None:
    received = await answers(port, "GET /ours/200/a/close", "GET /ours/200/b")
    assert received.count(b"HTTP/1.1 ") == 1


async def test_another_server_gets_the_answer_over_asgi() -> None:
    sent: list[str] = []

    async def send(message: Message) -> None:
        sent.append(message["type"])

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    response = WholeResponse(200, lines_of({"x-one": "1"}), b"body")
    await response({"type": "http", "method": "GET"}, receive, send)
    assert sent == ["http.response.start", "http.response.body"]
