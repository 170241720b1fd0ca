"""The part `hold`: how exactly a latency is kept while many requests wait."""

from collections.abc import Iterator

from bench import load
from bench.chats import chats
from bench.rows import Row
from bench.servers import simulator

_LATENCY = 0.5
_REQUESTS = 400


def hold() -> Iterator[Row]:
    """400 requests at any time, each held for 500 ms: 100 tokens of 5 ms."""
    with simulator(LATENCY_OPENAI_CHAT_COMPLETIONS_MEAN="5") as server:
        before = server.cpu()
        done = load.run(server.port, chats(), 4, connections=_REQUESTS, spread=_LATENCY)
        busy = (server.cpu() - before) / done.wall
    for share in (0.5, 0.99):
        over = (done.percentile(share) - _LATENCY) * 1000
        budget = 20 if share == 0.99 else None
        yield Row(f"over 500 ms, {_REQUESTS} requests held, p{share * 100:.0f}", over, "ms", budget)
    yield Row("requests", done.per_second, "/s")
    yield Row("share of a core that the server was busy", busy)
