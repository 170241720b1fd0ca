"""Requests that offer another protocol are answered with their whole body read."""

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import KEY

H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB"
BODY = json.dumps(
    {"model": "gpt-4o", "max_tokens": 3, "messages": [{"role": "user", "content": "Hi"}]}
)


def _request(offer: str, host: str, body: str = BODY) -> bytes:
    return (
        f"POST /openai/v1/chat/completions HTTP/1.1\r\nHost: {host}\r\n{offer}\r\napi-key: {KEY}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def _answers(server: str, pieces: list[bytes], number: int = 1) -> list[bytes]:
    """The status lines of the answers to what is sent in these pieces."""
    parts = urlsplit(server)
    with socket.create_connection(
        (str(parts.hostname), parts.port or 80), timeout=10
    ) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        got = b""
        while got.count(b"HTTP/1.1 ") < number or not got.endswith(b"\n"):
            piece = connection.recv(65536)
            if not piece:
                break
            got += piece
    return re.findall(rb"HTTP/1\.1 [^\r]+", got)


@pytest.mark.parametrize(
    "offer",
    [H2C, "Connection: upgrade\r\nUpgrade: websocket", "Connection: Upgrade\r\nUpgrade: TLS/1.0"],
)
def test_an_offer_is_declined_by_an_answer(server: str, offer: str) -> None:
    request = _request(offer, urlsplit(server).netloc)
    assert _answers(server, [request]) == [b"HTTP/1.1 200 OK"]


@pytest.mark.parametrize("cut", [20, 150, 260, -1])
def test_a_request_with_an_offer_may_arrive_in_pieces(server: str, cut: int) -> None:
    request = _request(H2C, urlsplit(server).netloc)
    assert _answers(server, [request[:cut], request[cut:]]) == [b"HTTP/1.1 200 OK"]


def test_the_connection_goes_on_after_an_offer(server: str) -> None:
    request = _request(H2C, urlsplit(server).netloc)
    assert _answers(server, [request + request], 2) == [b"HTTP/1.1 200 OK"] * 2


def test_many_offers_in_one_piece_are_declined_one_by_one(server: str) -> None:
    """None within the one before, or thousands would fill the stack."""
    offer = b"GET /++/health HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    last = offer.replace(b"upgrade", b"upgrade, close", 1)
    answers = _answers(server, [offer * 59 + last], 99)
    assert answers == [b"HTTP/1.1 200 OK"] * 60
    assert _answers(server, [offer * 100], 99) == [
        *[b"HTTP/1.1 200 OK"] * 65,
        b"HTTP/1.1 400 Bad Request",
    ]


def test_a_tunnel_is_refused(server: str) -> None:
    assert _answers(server, [b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n"]) == [
        b"HTTP/1.1 400 Bad Request"
    ]


JAVA = """
import java.net.URI;
import java.net.http.*;
public class Ask {
    public static void main(String[] args) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(args[0] + "/openai/v1/chat/completions"))
            .header("api-key", args[1]).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(args[2])).build();
        var answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(answer.statusCode());
    }
}
"""


@pytest.mark.skipif(shutil.which("javac") is None, reason="no JDK on this machine")
def test_javas_own_client_is_answered(server: str, tmp_path: Path) -> None:
    (tmp_path / "Ask.java").write_text(JAVA)
    done = subprocess.run(  # noqa: S603 (our own program)
        [str(shutil.which("java")), str(tmp_path / "Ask.java"), server, KEY, BODY],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "200", done.stderr
