"""The parts `limits` and `steady`: what the rate limits cost, and whether they admit the limit.

An admission is measured alone, in memory with an empty window and with 100,000 requests in it, and
over a Redis-protocol server on this machine; then whole requests with limits and without.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterator

from bench import load
from bench.chats import chats, moved
from bench.rows import Row
from bench.servers import LIMITLESS_PATH, simulator
from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import find_model
from simulator.errors import RateLimited
from simulator.hosting import own_valkey
from simulator.limits.admission import Charge, RateLimiter
from simulator.limits.memory import MemoryStore
from simulator.limits.redis_store import RedisStore, connect
from simulator.limits.refusal import Refusals
from simulator.limits.store import Store

TICKET = Charge("ChatCompletions_Create", "2024-10-21", tokens=50)
MANY = 100_000
BATCH = 200  # admissions in memory are too short to be timed one by one


def deployment(name: str, tokens_per_minute: int, requests_per_minute: int) -> Deployment:
    return Deployment(name, find_model("gpt-4o"), tokens_per_minute, requests_per_minute)


def limits_over(store: Store) -> RateLimiter:
    return RateLimiter(store, Refusals("East US 2"))


async def admissions(
    limits: RateLimiter, target: Deployment, count: int, batch: int = 1
) -> list[float]:
    """Seconds that an admission, or a refusal, took: the mean of each batch of `count`."""
    times: list[float] = []
    for _ in range(count // batch):
        start = time.perf_counter()
        for _ in range(batch):
            try:
                await limits.admit(target, TICKET)
            except RateLimited:
                continue
        times.append((time.perf_counter() - start) / batch)
    return times


def middle(times: list[float]) -> float:
    return statistics.median(times)


def limits() -> Iterator[Row]:
    """What limits cost. The budgets: the same at any rate, 0.5 ms over Redis, a tenth of throughput."""
    empty, full = asyncio.run(_in_memory())
    yield Row("admission in memory, empty window, p50", empty * 1e6, "us")
    yield Row("admission in memory, 100,000 in it, p50", full * 1e6, "us", empty * 1.2e6)
    with own_valkey.running() as server:
        over_redis = asyncio.run(_over_redis(server.connection_url))
    yield Row("admission over Redis on this machine, p50", over_redis * 1e3, "ms", 0.5)
    yield Row("CPU of a chat request lost to limits", _lost() * 100, "%", 10)


def steady() -> Iterator[Row]:
    """Ten times the limit of 600 requests a minute, for 90 seconds of real time."""
    first, half = asyncio.run(_overloaded(90))
    yield Row("admitted in the first minute, of 600", first, "", 600)
    yield Row("refused or late in the first minute", 600 - first, "", 6)
    yield Row("admitted in the next half, of 300", half, "", 300)


async def _in_memory() -> tuple[float, float]:
    # A clock that steps so little that everything stays in the window.
    ticks = itertools.count()
    admitting = limits_over(MemoryStore(lambda: next(ticks) * 1e-5))
    wide = deployment("wide", 10**9, 10**9)
    empty = middle(await admissions(admitting, wide, 20_000, BATCH))
    await admissions(admitting, wide, MANY, BATCH)
    return empty, middle(await admissions(admitting, wide, 20_000, BATCH))


async def _over_redis(url: str) -> float:
    store = RedisStore(connect(url))
    times = await admissions(limits_over(store), deployment("wide", 10**9, 10**9), 2_000)
    await store.close()
    return middle(times)


def _lost() -> float:
    """The share of a request's processor time; in turn, so that other load falls on both."""
    with simulator() as server:
        limited = chats()
        free = moved(limited, LIMITLESS_PATH)
        costs: dict[str, list[float]] = {"limited": [], "free": []}
        for _ in range(4):
            for name, requests in (("limited", limited), ("free", free)):
                before = server.cpu()
                done = len(load.run(server.port, requests, 1.0).times)
                costs[name].append((server.cpu() - before) / done)
    return min(costs["limited"]) / min(costs["free"]) - 1


async def _overloaded(seconds: float) -> tuple[int, int]:
    target = deployment("steady", 30_000, 600)
    admitting = limits_over(MemoryStore(time.monotonic))
    start, offered, admitted = time.monotonic(), 0, [0, 0]
    while (elapsed := time.monotonic() - start) < seconds:
        offered += 1
        try:
            await admitting.admit(target, TICKET)
            admitted[int(elapsed // 60)] += 1
        except RateLimited:
            pass
        await asyncio.sleep(max(0.0, start + offered / 100 - time.monotonic()))
    return admitted[0], admitted[1]
