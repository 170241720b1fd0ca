"""Many paced streams over real sockets, among clients that leave, stall and are slow."""

import asyncio
import json
import time
from collections.abc import Callable

import pytest

from tests.conftest import API_VERSION, KEY

TOKENS = 20
BETWEEN = 0.02
STREAMS = 200


def request(tokens: int) -> bytes:
    body = json.dumps(
        {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": tokens, "stream": True}
    )
    path = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
    return (
        f"POST {path} HTTP/1.1\r\nhost: a\r\napi-key: {KEY}\r\nconnection: close\r\n"
        f"content-length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def opened(address: tuple[str, int], tokens: int = TOKENS):
    reader, writer = await asyncio.open_connection(*address, limit=2**14)
    writer.write(request(tokens))
    return reader, writer


async def read(address: tuple[str, int]) -> tuple[list[float], bytes]:
    """When each token came, and the whole answer."""
    start = time.monotonic()
    reader, writer = await opened(address)
    data, times = b"", []
    while piece := await reader.read(2**16):
        times += [time.monotonic() - start] * piece.count(b'"delta":{"content"')
        data += piece
    writer.close()
    return times, data


async def leave(address: tuple[str, int]) -> None:
    reader, writer = await opened(address)
    await reader.readuntil(b'"content"')
    writer.transport.abort()


async def stall(address: tuple[str, int], until: asyncio.Event) -> None:
    """A client that asks for a long answer, and reads nothing of it."""
    _, writer = await opened(address, tokens=15_000)
    await until.wait()
    writer.transport.abort()


async def read_slowly(address: tuple[str, int]) -> bytes:
    reader, writer = await opened(address)
    data = b""
    while piece := await reader.read(1024):
        data += piece
        await asyncio.sleep(0.005)
    writer.close()
    return data


@pytest.fixture
def address(serve: Callable[..., str]) -> tuple[str, int]:
    url = serve(chat_completions_mean=BETWEEN * 1000)
    host, port = url.removeprefix("http://").split(":")
    return host, int(port)


async def test_streams_keep_their_moments_beside_clients_that_leave_stall_and_are_slow(
    address: tuple[str, int],
) -> None:
    done = asyncio.Event()
    stalled = asyncio.create_task(stall(address, done))
    leaving = [leave(address) for _ in range(10)]
    slow, streams, _ = await asyncio.gather(
        read_slowly(address),
        asyncio.gather(*(read(address) for _ in range(STREAMS))),
        asyncio.gather(*leaving),
    )
    done.set()
    await stalled
    assert b"data: [DONE]\n\n" in slow
    for times, data in streams:
        assert b"data: [DONE]\n\n" in data
        assert len(times) == TOKENS + 1  # the role is an event of its own
        for token, moment in enumerate(times[1:], 1):
            assert moment >= token * BETWEEN - 0.001
