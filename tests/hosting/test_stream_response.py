import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulator.errors import UpstreamUnavailable
from simulator.hosting.stream_response import StreamResponse


class Exchange:
    """One exchange with a server whose client can leave, and which can hold what is sent."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.made = 0
        self.closed = False
        self.leaves = asyncio.Event()
        self.room = asyncio.Event()
        self.room.set()
        self.more = asyncio.Event()

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            for number in range(3):
                self.made += 1
                yield b"%d" % number
            await self.more.wait()
        finally:
            self.closed = True

    async def receive(self) -> Any:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        await self.room.wait()

    def start(self) -> asyncio.Task[None]:
        response = StreamResponse(200, [(b"a", b"b")], self.pieces())
        return asyncio.create_task(response({}, self.receive, self.send))


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_each_piece_is_sent_and_the_end() -> None:
    exchange = Exchange()
    exchange.more.set()
    await exchange.start()
    start, *bodies = exchange.sent
    assert (start["status"], start["headers"]) == (200, [(b"a", b"b")])
    assert [(body["body"], body["more_body"]) for body in bodies] == [
        (b"0", True),
        (b"1", True),
        (b"2", True),
        (b"", False),
    ]


async def test_a_client_that_leaves_ends_the_stream_at_once_and_closes_the_pieces() -> None:
    exchange = Exchange()
    task = exchange.start()
    await turns()
    exchange.leaves.set()
    await asyncio.wait_for(task, 10)
    assert (exchange.closed, len(exchange.sent)) == (True, 4)


async def test_a_client_that_leaves_while_the_server_has_no_room_ends_it_too() -> None:
    exchange = Exchange()
    exchange.room.clear()
    task = exchange.start()
    await turns()
    exchange.leaves.set()
    await asyncio.wait_for(task, 10)
    assert (len(exchange.sent), exchange.made) == (1, 0)


async def test_no_piece_is_taken_until_the_server_has_room_for_the_one_before() -> None:
    exchange = Exchange()
    task = exchange.start()
    exchange.room.clear()
    await turns()
    assert exchange.made == 0
    exchange.room.set()
    exchange.more.set()
    await task
    assert exchange.made == 3


async def test_who_else_cancels_the_stream_is_not_ignored() -> None:
    exchange = Exchange()
    task = exchange.start()
    await turns()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert exchange.closed


class Breaking(Exchange):
    """A stream whose source breaks off, over a connection that can be closed."""

    def __init__(self) -> None:
        super().__init__()
        self.transport = self

    async def pieces(self) -> AsyncIterator[bytes]:
        yield b"0"
        raise UpstreamUnavailable("gone\nFORGED")

    def close(self) -> None:
        self.closed = True
        self.leaves.set()


async def test_a_source_that_breaks_off_ends_the_connection_with_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    exchange = Breaking()
    await exchange.start()
    assert exchange.closed
    assert exchange.sent[-1] == {"type": "http.response.body", "body": b"0", "more_body": True}
    assert caplog.messages == ["a stream breaks off: gone?FORGED"]
