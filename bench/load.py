"""A lean HTTP client that keeps many connections busy; a common one costs more than the server."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

CONNECTIONS = 32


@dataclass(slots=True)
class Load:
    """What came of it: seconds of each request, and the last whole answer."""

    requests: Iterator[bytes]
    seconds: float
    times: list[float] = field(default_factory=list[float])
    wall: float = 0.0
    last: bytes = b""
    failed: bytes = b""

    @property
    def per_second(self) -> float:
        return len(self.times) / self.wall

    def percentile(self, share: float) -> float:
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load, end: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._load = load
        self._end = end
        self._received: list[bytes] = []
        self._left = 0
        self._started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self.done.done():
            self.done.set_result(None)

    def send(self) -> None:
        self._received.clear()
        self._left = -1
        self._started = time.perf_counter()
        self._transport.write(next(self._load.requests))

    def data_received(self, data: bytes) -> None:
        first = not self._received
        self._received.append(data)
        if first:
            self._begin(data)
        elif self._left >= 0:
            self._left -= len(data)
        if self._left == 0 or (self._left < 0 and self._chunks_end(data)):
            self._answered()

    def _begin(self, data: bytes) -> None:
        """Heads of a few hundred bytes arrive in one piece on the loopback interface."""
        head, _, body = data.partition(b"\r\n\r\n")
        _, found, length = head.partition(b"content-length: ")
        if found:
            self._left = int(length.partition(b"\r\n")[0]) - len(body)
        if not data.startswith(b"HTTP/1.1 200"):
            self._load.failed = data

    def _chunks_end(self, data: bytes) -> bool:
        if len(data) < 5:
            data = b"".join(self._received[-3:])
        return data.endswith(b"0\r\n\r\n")

    def _answered(self) -> None:
        now = time.perf_counter()
        self._load.times.append(now - self._started)
        if now >= self._end or self._load.failed:
            self._load.last = b"".join(self._received)
            self._transport.close()
        else:
            self.send()


def run(
    port: int,
    requests: Sequence[bytes],
    seconds: float,
    *,
    connections: int = CONNECTIONS,
    spread: float = 0.0,
) -> Load:
    """Sends the requests round and round on all connections for so many seconds.

    The connections begin spread over `spread` seconds. An answer other than 200 raises.
    """
    load = Load(itertools.cycle(requests), seconds)
    uvloop.run(_run(port, load, connections, spread))
    if load.failed:
        raise RuntimeError(f"an answer was not 200: {load.failed[:2000].decode(errors='replace')}")
    return load


async def _run(port: int, load: Load, connections: int, spread: float) -> None:
    loop = asyncio.get_running_loop()
    end = time.perf_counter() + spread + load.seconds
    opened = [
        (await loop.create_connection(lambda: _Connection(load, end), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    began = time.perf_counter()
    for connection in opened:
        connection.send()
        if spread:
            await asyncio.sleep(spread / connections)
    await asyncio.gather(*(connection.done for connection in opened))
    load.wall = time.perf_counter() - began
