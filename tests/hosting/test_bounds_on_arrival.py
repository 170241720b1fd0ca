"""What is refused before a request has arrived whole, over a socket."""

import contextlib
import socket
from collections.abc import Callable, Iterator

import httpx2
import pytest

from tests.conftest import API_VERSION, KEY

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"


@contextlib.contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        yield connection


def head(*lines: str, path: str = CHAT) -> bytes:
    return "\r\n".join((f"POST {path} HTTP/1.1", "host: a", *lines, "", "")).encode()


def test_the_key_is_checked_before_the_body_is_read(server: str) -> None:
    with connected(server) as connection:
        connection.sendall(head("content-length: 99999999", "api-key: wrong"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 401")


def test_a_body_announced_as_too_large_is_not_waited_for(serve: Callable[..., str]) -> None:
    with connected(serve(max_body_mb=1)) as connection:
        connection.sendall(head("content-length: 1048577", f"api-key: {KEY}"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_a_body_that_grows_too_large_is_refused_while_it_arrives(
    serve: Callable[..., str],
) -> None:
    with connected(serve(max_body_mb=1)) as connection:
        connection.sendall(head("transfer-encoding: chunked", f"api-key: {KEY}"))
        for _ in range(5):
            connection.sendall(b"40000\r\n" + b"x" * 0x40000 + b"\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("announced", ["content-length: 99999999", "transfer-encoding: chunked"])
def test_the_body_of_an_upload_to_an_unknown_route_is_not_read(server: str, announced: str) -> None:
    with connected(server) as connection:
        unknown = head(announced, f"api-key: {KEY}", path="/openai/v1/nowhere")
        connection.sendall(unknown)
        assert connection.recv(4096).startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(("members", "status"), [(200, 400), (257, 400)])
def test_a_query_of_many_members_is_refused(server: str, members: int, status: int) -> None:
    answer = httpx2.post(f"{server}{CHAT}{'&a=b' * members}", headers={"api-key": KEY})
    assert (answer.status_code, "more than 256" in answer.text) == (status, members > 256)
