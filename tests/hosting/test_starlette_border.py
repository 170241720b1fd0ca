import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import httpx2
import openai
import pytest
from msgspec import structs
from starlette.requests import Request as WebRequest

from simulator.concurrency import Ending
from simulator.hosting.bodies import Bodies
from simulator.hosting.starlette_border import serve
from simulator.messages import Request, Response
from tests.conftest import API_VERSION

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "//openai//things",
    "query_string": b"a=1&a=2",
    "headers": [(b"api-key", b"k\xe9y")],
}
CHAT = b'{"messages":[{"role":"user","content":"Hi"}],"max_tokens":1}'


async def exchange(
    response: Response | Exception,
    *messages: dict[str, Any],
    headers: Sequence[tuple[bytes, bytes]] = SCOPE["headers"],
) -> Any:
    """What goes into the simulator, and what comes out over HTTP: start, then body messages."""
    seen: list[Request] = []
    incoming = iter(messages or ({"type": "http.request", "body": b"whole"},))
    sent: list[Any] = []

    async def simulator(request: Request, read: Callable[[], Awaitable[bytes]]) -> Response:
        seen.append(structs.replace(request, body=await read()))
        if isinstance(response, Exception):
            raise response
        return response

    async def receive() -> Any:
        return next(incoming, {"type": "http.request", "body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    answer = await serve(simulator, WebRequest({**SCOPE, "headers": headers}, receive), Bodies(16))
    await answer({**SCOPE, "asgi": {"spec_version": "2.4"}}, receive, send)
    return seen, sent


OK = Response(200, {"content-type": "text/plain"}, b"body")


async def test_a_request_is_read_whole_with_one_slash_for_many() -> None:
    seen, _ = await exchange(
        OK,
        {"type": "http.request", "body": b"in ", "more_body": True},
        {"type": "http.request", "body": b"parts"},
    )
    assert seen == [
        Request("POST", "/openai/things", "a=1&a=2", {"api-key": "k\u00e9y"}, b"in parts")
    ]


async def test_a_plain_answer_has_its_length() -> None:
    _, (start, body) = await exchange(OK)
    assert (start["headers"], body["body"]) == (
        [(b"content-type", b"text/plain"), (b"content-length", b"4")],
        b"body",
    )


async def test_a_stream_that_is_complete_has_no_length() -> None:
    _, (start, _) = await exchange(Response(200, {}, b"data: [DONE]\n\n", streamed=True))
    assert start["headers"] == []


async def test_the_pieces_of_a_stream_are_sent_one_by_one() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    _, (_, *bodies) = await exchange(Response(200, {}, pieces(), streamed=True))
    assert [message["body"] for message in bodies] == [b"one", b"two", b""]


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("a\r\nset-cookie: b", b"a%0D%0Aset-cookie: b"),
        ("\u65e5", b"%E6%97%A5"),
        ("100%", b"100%"),
    ],
)
async def test_a_value_that_no_header_can_hold_is_percent_encoded(value: str, sent: bytes) -> None:
    _, (start, _) = await exchange(Response(200, {"x-name": value}, b""))
    assert start["headers"][0] == (b"x-name", sent)


@pytest.mark.parametrize("status", [204, 205, 304])
async def test_an_answer_that_has_no_body_leaves_without_one(status: int) -> None:
    closed: list[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        yield b"piece"

    async def at_end() -> None:
        closed.append(status)

    _, (start, body) = await exchange(Response(status, {"a": "b"}, b"body"))
    assert (start["headers"], body["body"]) == ([(b"a", b"b")], b"")
    _, (_, body) = await exchange(Response(status, {}, Ending(pieces(), at_end), streamed=True))
    assert (body["body"], closed) == (b"", [status])


async def test_a_client_that_leaves_while_it_sends_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen, (start, _) = await exchange(OK, {"type": "http.disconnect"})
    assert (seen, start["status"], caplog.records) == ([], 400, [])


async def test_an_error_in_the_simulator_is_the_real_services_500() -> None:
    _, (start, body) = await exchange(RuntimeError("a bug"))
    assert (start["status"], b'"type":"server_error"' in body["body"]) == (500, True)


async def test_an_error_in_the_simulator_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    await exchange(RuntimeError("a bug"))
    assert [record.exc_text is not None for record in caplog.records] == [True]


@pytest.mark.parametrize("name", ["\u65e5\u672c", "a%0d%0ab"])
def test_a_deployment_of_any_name_is_answered(http: httpx2.Client, name: str) -> None:
    answer = http.post(
        f"/openai/deployments/{name}/chat/completions?api-version={API_VERSION}", content=CHAT
    )
    assert answer.status_code == 200


def test_requests_on_one_connection_are_answered_after_one_that_was_cut_short(server: str) -> None:
    host, port = server.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\npart")
    assert httpx2.get(server).status_code == 200


async def test_a_client_and_the_host_talk_over_a_socket(
    async_client: openai.AsyncAzureOpenAI,
) -> None:
    answer = await async_client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], max_tokens=3
    )
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3
