"""The parts `chat` and `stream`: processor time of a request beside that of bare Starlette."""

from collections.abc import Iterator, Sequence

from bench import load
from bench.chats import chats, moved
from bench.rows import Row
from bench.servers import Server, bare, simulator

_ROUNDS = 3
_SECONDS = 1.5


def chat() -> Iterator[Row]:
    """An answer in one piece."""
    with bare() as starlette, simulator() as server:
        requests = chats()
        size = _body_size(server, requests)
        plain = moved(requests, f"/plain/{size}")
        yield from _compared(("bare Starlette", starlette, plain), server, requests, budget=2.1)


def stream() -> Iterator[Row]:
    """A stream of 100 tokens, one event each."""
    with bare() as starlette, simulator() as server:
        requests = chats(stream=True)
        body = load.run(server.port, requests, 0.5).last.partition(b"\r\n\r\n")[2]
        events, size = body.count(b"data: "), len(body)
        yield Row("events of a stream", events)
        yield Row("bytes of a stream", size)
        plain = moved(requests, f"/plain/{size}")
        yield from _compared(("bare Starlette, one piece", starlette, plain), server, requests, 3.0)
        streamed = moved(requests, f"/stream/{events}/{size // events}")
        cost, rate = _least(starlette, streamed)
        yield Row("bare Starlette, event by event: CPU a request", cost, "ms")
        yield Row("bare Starlette, event by event: requests", rate, "/s")


def _compared(
    yardstick: tuple[str, Server, Sequence[bytes]],
    server: Server,
    requests: Sequence[bytes],
    budget: float,
) -> Iterator[Row]:
    """In turn, so that what else the machine does falls on both; of each the least disturbed."""
    name, other, plain = yardstick
    rounds = [(_round(other, plain), _round(server, requests)) for _ in range(_ROUNDS)]
    base, rate = min(first for first, _ in rounds)
    own, own_rate = min(second for _, second in rounds)
    yield Row(f"{name}: CPU a request", base, "ms")
    yield Row(f"{name}: requests", rate, "/s")
    yield Row("simulator: CPU a request", own, "ms")
    yield Row("simulator: requests", own_rate, "/s")
    yield Row("simulator to bare Starlette, CPU", own / base, "times", budget)


def _least(server: Server, requests: Sequence[bytes]) -> tuple[float, float]:
    return min(_round(server, requests) for _ in range(_ROUNDS))


def _round(server: Server, requests: Sequence[bytes]) -> tuple[float, float]:
    """Milliseconds of processor time a request, and requests a second."""
    before = server.cpu()
    done = load.run(server.port, requests, _SECONDS)
    return (server.cpu() - before) / len(done.times) * 1000, done.per_second


def _body_size(server: Server, requests: Sequence[bytes]) -> int:
    return len(load.run(server.port, requests, 0.5).last.partition(b"\r\n\r\n")[2])
