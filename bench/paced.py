"""The part `paced`: what an event of a paced stream costs, and how late it is.

A client that read each event of 2,000 streams as it comes would be later than any server. So the events
of one stream in ten are read as they come, and timed; those of the others wait in their sockets for a
tenth of a second, as they would for a client behind a network.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

from bench.chats import chats, moved
from bench.rows import Row
from bench.servers import Server, bare, simulator

_BETWEEN = 0.02
_TOKENS = 100
_WARM, _SECONDS = 2.5, 4.0
# Filter results and role leave with the first token, finish and [DONE] with the last.
_BEFORE = 2
_SIZE = 290
_TIMED_ONE_IN = 10
_PAUSE = 0.1


@dataclass(slots=True)
class _Streams:
    """Streams that are held open, and what was seen of their events between two moments."""

    requests: Sequence[bytes]
    ends: float
    before: int = _BEFORE
    measured: bool = False
    events: int = 0
    timed: int = 0
    late: list[float] = field(default_factory=list[float])
    early: float = 0.0


class _Connection(asyncio.Protocol):
    def __init__(self, streams: _Streams, number: int) -> None:
        self.done = asyncio.get_running_loop().create_future()
        self._streams = streams
        self._request = streams.requests[number % len(streams.requests)]
        self._timed = number % _TIMED_ONE_IN == 0
        self._events = 0
        self._started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        self._events = 0
        self._started = time.perf_counter()
        self._transport.write(self._request)
        self._pause()

    def data_received(self, data: bytes) -> None:
        now, streams = time.perf_counter(), self._streams
        count = data.count(b"\n\n")
        if streams.measured and count:
            streams.events += count
            if self._timed:
                self._time(now - self._started, count)
        self._events += count
        if not data.endswith(b"0\r\n\r\n"):
            self._pause()
        elif now < streams.ends:
            self.send()
        else:
            self._transport.close()

    def _time(self, elapsed: float, count: int) -> None:
        streams = self._streams
        streams.timed += count
        streams.late.append(elapsed - self._due(self._events + 1))
        streams.early = max(streams.early, self._due(self._events + count) - elapsed)

    def _pause(self) -> None:
        """Leave what comes in the socket for a while."""
        if not self._timed:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(_PAUSE, self._transport.resume_reading)

    def _due(self, event: int) -> float:
        return min(max(1, event - self._streams.before), _TOKENS) * _BETWEEN

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self.done.done():
            self.done.set_result(None)


def paced() -> Iterator[Row]:
    """Streams of 50 tokens a second."""
    with (
        bare() as starlette,
        simulator(
            LATENCY_OPENAI_CHAT_COMPLETIONS_MEAN=str(_BETWEEN * 1000), LOG_LEVEL="INFO"
        ) as own,
    ):
        requests = chats(stream=True)
        plain = moved(requests, f"/paced/{_TOKENS}/{_SIZE}/{round(_BETWEEN * 1000)}")
        base, seen, _ = _measured(starlette, plain, 1000, before=0)
        yield Row("bare Starlette, 1,000 streams: CPU an event", base * 1e6, "us")
        yield from _lateness("bare Starlette, 1,000 streams", seen)
        cost, seen, _ = _measured(own, requests, 1000)
        yield Row("simulator, 1,000 streams: CPU an event", cost * 1e6, "us", 10)
        yield Row("simulator to bare Starlette, CPU", cost / base, "times", 0.8)
        yield Row("simulator, 1,000 streams: events a write", seen.timed / len(seen.late))
        yield from _lateness("simulator, 1,000 streams", seen, budget=20)
        yield Row("simulator: earliest event before its moment", seen.early * 1000, "ms", 1)
        cost, seen, busy = _measured(own, requests, 2000)
        yield Row("simulator, 2,000 streams: CPU an event", cost * 1e6, "us", 10)
        yield Row("simulator, 2,000 streams: share of a core", busy, "", 1)
        yield from _lateness("simulator, 2,000 streams", seen, budget=20)


def _lateness(who: str, seen: _Streams, budget: float | None = None) -> Iterator[Row]:
    late = sorted(seen.late)
    for share in (0.5, 0.99):
        figure = late[int(len(late) * share)] * 1000
        yield Row(
            f"{who}: lateness, p{share * 100:.0f}", figure, "ms", budget if share > 0.9 else None
        )


def _measured(
    server: Server, requests: Sequence[bytes], number: int, before: int = _BEFORE
) -> tuple[float, _Streams, float]:
    """Seconds of processor time an event, what was seen, and the share of a core."""
    streams = _Streams(requests, time.perf_counter() + _WARM + _SECONDS, before)
    return uvloop.run(_run(server, streams, number))


async def _run(server: Server, streams: _Streams, number: int) -> tuple[float, _Streams, float]:
    loop, opened = asyncio.get_running_loop(), list[_Connection]()
    for at in range(number):
        _, connection = await loop.create_connection(
            lambda at=at: _Connection(streams, at), "127.0.0.1", server.port
        )
        opened.append(connection)
    streams.ends = time.perf_counter() + _WARM + _SECONDS
    for connection in opened:
        connection.send()
        await asyncio.sleep(_TOKENS * _BETWEEN / number)
    await asyncio.sleep(max(0.0, streams.ends - _SECONDS - time.perf_counter()))
    before, began = server.cpu(), time.perf_counter()
    streams.measured = True
    await asyncio.sleep(_SECONDS)
    streams.measured = False
    used, wall = server.cpu() - before, time.perf_counter() - began
    await asyncio.gather(*(connection.done for connection in opened))
    return used / max(1, streams.events), streams, used / wall
