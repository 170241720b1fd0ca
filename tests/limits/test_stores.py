"""What every store holds to, in memory and on a real server."""

import asyncio
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from simulator.limits.memory import MemoryStore
from simulator.limits.provisioned import Fill
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.redis_store import RedisStore, connect
from simulator.limits.store import Store
from simulator.limits.window import NEVER, SECOND, Decision, WindowLengths
from tests.limits.conftest import MakeStore
from tests.support.clock import Clock

TEN = StandardLimits(tokens_per_minute=1_000, requests_per_minute=60)
PTU = ProvisionedLimits(ptu=15, input_tpm_per_ptu=2_500, output_ratio=4)
FULL = 37_500


async def test_a_request_that_fits_is_admitted_and_counted(make_store: MakeStore) -> None:
    verdict = await make_store().hit("gpt", TEN, 400)
    assert (verdict.wait, verdict.requests, verdict.tokens) == (0, 1, 400)


async def test_tokens_come_back_after_a_minute(make_store: MakeStore, clock: Clock) -> None:
    store = make_store()
    await store.hit("gpt", TEN, 700)
    refused = await store.hit("gpt", TEN, 301)
    assert (refused.wait, refused.cause, refused.tokens) == (60 * SECOND, "tokens", 700)
    clock.now += 60
    assert (await store.hit("gpt", TEN, 301)).wait == 0


async def test_requests_come_back_after_their_slice(make_store: MakeStore, clock: Clock) -> None:
    store = make_store()
    verdicts = [await store.hit("gpt", TEN, 1) for _ in range(11)]
    assert [verdict.wait for verdict in verdicts] == [0] * 10 + [10 * SECOND]
    assert verdicts[-1].cause == "requests"
    clock.now += 10
    assert (await store.hit("gpt", TEN, 1)).wait == 0


async def test_arrivals_close_together_leave_with_the_last_of_them(
    make_store: MakeStore, clock: Clock
) -> None:
    store = make_store()
    limits = StandardLimits(tokens_per_minute=100, requests_per_minute=None)
    await store.hit("gpt", limits, 50)
    clock.now += 0.05  # half a grain
    await store.hit("gpt", limits, 50)
    clock.now += 59.96
    assert (await store.hit("gpt", limits, 1)).wait == 40_000


@pytest.mark.parametrize(("tokens", "seconds"), [(1, 50), (101, 51), (550, 55), (1_000, 59)])
async def test_the_wait_is_until_enough_has_left_and_no_longer(
    make_store: MakeStore, clock: Clock, tokens: int, seconds: int
) -> None:
    store = make_store()
    for _ in range(10):
        clock.now += 1
        await store.hit("gpt", TEN, 100)
    clock.now += 1
    assert (await store.hit("gpt", TEN, tokens)).wait == seconds * SECOND


async def test_a_slice_may_be_a_second(make_store: MakeStore) -> None:
    store = make_store(WindowLengths(slice=1))
    await store.hit("gpt", TEN, 1)
    assert (await store.hit("gpt", TEN, 1)).wait == SECOND


async def test_a_request_dearer_than_the_limit_waits_a_day(make_store: MakeStore) -> None:
    assert (await make_store().hit("gpt", TEN, 1_001)).wait == NEVER


async def test_deployments_have_windows_of_their_own(make_store: MakeStore) -> None:
    store = make_store()
    await store.hit("one", TEN, 1_000)
    assert (await store.hit("two", TEN, 1_000)).wait == 0


async def test_a_changed_limit_keeps_what_is_used(make_store: MakeStore) -> None:
    store = make_store()
    await store.hit("gpt", TEN, 900)
    raised = StandardLimits(tokens_per_minute=2_000, requests_per_minute=60)
    assert (await store.hit("gpt", raised, 1_101)).wait > 0
    assert (await store.hit("gpt", raised, 1_100)).wait == 0


@pytest.mark.parametrize(
    "limits", [StandardLimits(None, 60), StandardLimits(1_000, None), StandardLimits(None, None)]
)
async def test_an_absent_limit_does_not_limit(
    make_store: MakeStore, limits: StandardLimits
) -> None:
    store = make_store()
    tokens = 5_000 if limits.tokens_per_minute is None else 50
    waits = [(await store.hit("gpt", limits, tokens)).wait for _ in range(10)]
    assert waits == [0] * 10


async def test_of_many_at_once_only_what_fits_is_admitted(make_store: MakeStore) -> None:
    store = make_store()
    verdicts = await asyncio.gather(*(store.hit("gpt", TEN, 150) for _ in range(40)))
    assert sum(verdict.wait == 0 for verdict in verdicts) == 6


async def test_the_bucket_fills_bursts_and_drains(make_store: MakeStore, clock: Clock) -> None:
    store = make_store()
    assert await store.fill("ptu", PTU, FULL) == Fill(1.0)
    assert await store.fill("ptu", PTU, FULL) == Fill(2.0)
    assert await store.fill("ptu", PTU, 1) == Fill(2.0, 60 * SECOND)
    clock.now += 90
    assert await store.fill("ptu", PTU, 0) == Fill(0.5)


async def test_the_bucket_is_corrected(make_store: MakeStore) -> None:
    store = make_store()
    await store.fill("ptu", PTU, 2 * FULL)
    await store.correct("ptu", PTU, -FULL)
    assert await store.fill("ptu", PTU, 0) == Fill(1.0)


async def test_a_correction_never_goes_below_empty(make_store: MakeStore) -> None:
    store = make_store()
    await store.correct("ptu", PTU, -FULL)
    assert await store.fill("ptu", PTU, 0) == Fill(0.0)


steps = st.tuples(
    st.one_of(st.integers(0, 20_000), st.sampled_from([10_000_000, 60_000_000, 1_234_567])),
    st.lists(st.integers(0, 400), min_size=1, max_size=6),
)


@given(arrivals=st.lists(steps, min_size=1, max_size=40), tokens=st.integers(1, 900))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_both_stores_give_the_same_verdicts(
    redis_url: str, arrivals: list[tuple[int, list[int]]], tokens: int
) -> None:
    limits = StandardLimits(tokens, 30)

    async def hits(store: Store, costs: list[int]) -> list[Decision]:
        return await asyncio.gather(*(store.hit("gpt", limits, cost) for cost in costs))

    async def fills(store: Store, costs: list[int]) -> list[Fill]:
        return await asyncio.gather(*(store.fill("ptu", PTU, cost * 50) for cost in costs))

    async def compare() -> None:
        clock, client = Clock(), connect(redis_url)
        await client.flushdb()
        memory, redis = MemoryStore(clock), RedisStore(client, prefix="same", clock=clock)
        for pause, costs in arrivals:
            clock.now += pause / SECOND
            assert await hits(redis, costs) == await hits(memory, costs)
            assert await fills(redis, costs) == await fills(memory, costs)
        await redis.close()

    asyncio.run(compare())


async def test_what_comes_at_the_same_time_is_one_call_of_the_server(redis_url: str) -> None:
    client = connect(redis_url)
    store = RedisStore(client, prefix=f"test:{uuid.uuid4()}")
    await store.hit("gpt", TEN, 0)
    before = await _scripts_run(client)
    hits = (store.hit(name, TEN, 150) for name in ("gpt", "other") for _ in range(20))
    verdicts = await asyncio.gather(*hits)
    assert sum(verdict.wait == 0 for verdict in verdicts) == 12
    assert await _scripts_run(client) - before == 2
    await store.close()


async def _scripts_run(client: Redis) -> int:
    found = await client.info("commandstats")
    return found["cmdstat_evalsha"]["calls"]
