import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from simulator.errors import UpstreamUnavailable
from simulator.hosting.stream_response import StreamResponse
from simulator.pacing import Write


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


class Transport(asyncio.Transport):
    """Takes what is written, of which there is room for so many pieces."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.flow = FlowControl(self)
        self.written = b""
        self._room = room

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data
        self._room -= 1
        if self._room == 0:
            self.flow.pause_writing()


class Whole:
    """A body of four pieces, which is pushed; one of them is empty, and would be an end as a chunk."""

    PIECES = (b"a", b"", b"b" * 4096, b"c" * 4095)

    def __init__(self) -> None:
        self.left = 0

    async def push(self, write: Write) -> bool:
        while self.left < len(self.PIECES):
            self.left += 1
            if not write(self.PIECES[self.left - 1]):
                return False
        return True


def cycle_over(transport: Transport) -> Any:
    logger = logging.getLogger()
    scope: Any = {"method": "POST", "type": "http"}
    flow, read = transport.flow, asyncio.Event()
    return RequestResponseCycle(
        scope, transport, flow, logger, logger, False, [], read, False, True, lambda: None
    )


async def test_a_body_is_pushed_as_chunks_of_http_while_there_is_room() -> None:
    # The head, and two pieces that are not empty.
    transport, body = Transport(room=3), Whole()
    cycle = cycle_over(transport)
    pieces: Any = body
    response = StreamResponse(200, [], pieces)
    answering = asyncio.create_task(response({}, cycle.receive, cycle.send))
    await turns()
    assert body.left == 3
    transport.flow.resume_writing()
    await asyncio.wait_for(answering, 10)
    _, _, sent = transport.written.partition(b"\r\n\r\n")
    one, _, two, three = body.PIECES
    assert sent == b"1\r\n%b\r\n1000\r\n%b\r\nfff\r\n%b\r\n0\r\n\r\n" % (one, two, three)


async def test_nothing_is_written_to_a_connection_that_is_lost() -> None:
    transport = Transport(room=9)
    cycle = cycle_over(transport)
    cycle.chunked_encoding = True
    cycle.response_started = True
    cycle.disconnected = True
    pieces: Any = Whole()
    await StreamResponse(200, [], pieces)._send(cycle.send)
    assert transport.written == b""
