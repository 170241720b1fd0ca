"""Which rules act, and how often: the same in memory and in Redis, where instances count together."""

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from simulator.limits.redis_store import connect
from simulator.rules.counts import Candidate, Counts, MemoryCounts, Tally
from simulator.rules.redis_counts import RedisCounts
from tests.limits.conftest import redis_url
from tests.rules.conftest import Host

__all__ = ["redis_url"]


@pytest.fixture(params=["memory", "redis"])
async def counts(request: pytest.FixtureRequest) -> AsyncIterator[Counts]:
    if request.param == "memory":
        yield MemoryCounts()
        return
    url: str = request.getfixturevalue("redis_url")
    counts = RedisCounts(connect(url), key=f"test:{uuid.uuid4()}")
    yield counts
    await counts.close()


async def acting(counts: Counts, *candidates: Candidate) -> list[tuple[int, int]]:
    return [(position, before) for position, before in await counts.decide(candidates)]


async def test_the_first_that_can_acts(counts: Counts) -> None:
    both = (Candidate("a", times=1), Candidate("b", skip=1))
    assert await acting(counts, *both) == [(0, 0)]
    assert await acting(counts, *both) == []
    assert await acting(counts, *both) == [(1, 0)]
    assert list(await counts.read(["a", "b", "c"])) == [Tally(3, 1), Tally(2, 1), Tally()]


async def test_additive_ones_act_beside_the_one_that_decides(counts: Counts) -> None:
    three = (Candidate("a", additive=True), Candidate("b"), Candidate("c", additive=True))
    assert await acting(counts, *three, Candidate("d")) == [(0, 0), (1, 0), (2, 0)]


async def test_a_seed_draws_the_same_everywhere(counts: Counts) -> None:
    drawn = [
        bool(await acting(counts, Candidate("a", probability=0.5, seed="7"))) for _ in range(16)
    ]
    there = MemoryCounts()
    assert drawn == [
        bool(await acting(there, Candidate("a", probability=0.5, seed="7"))) for _ in range(16)
    ]
    await counts.reset(["a"])
    assert drawn[0] is bool(await acting(counts, Candidate("a", probability=0.5, seed="7")))


async def test_without_a_seed_the_draw_decides(counts: Counts) -> None:
    assert await acting(counts, Candidate("a", probability=0.5, draw=0.4)) == [(0, 0)]
    assert await acting(counts, Candidate("a", probability=0.5, draw=0.5)) == []


async def test_at_the_same_time_none_acts_too_often(counts: Counts) -> None:
    decided = await asyncio.gather(*(counts.decide([Candidate("a", times=2)]) for _ in range(20)))
    assert sum(map(len, decided)) == 2


def test_a_rule_acts_so_often_over_all_instances(
    make_host: Callable[..., Host], redis_url: str, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.json"
    rule = {"name": str(uuid.uuid4()), "reply": "x", "times": 2}
    rules.write_text(json.dumps({"rules": [rule]}))
    hosts = [make_host(redis_url=redis_url, rules_path=str(rules)) for _ in range(4)]
    said = [host.said() for host in hosts for _ in range(2)]
    assert said.count("x") == 2
    assert hosts[3].shown()[0]["left"] == 0


def test_without_redis_a_process_counts_alone(
    make_host: Callable[..., Host], caplog: pytest.LogCaptureFixture
) -> None:
    host = make_host(redis_url="redis://127.0.0.1:1")
    host.put({"reply": "x", "times": 1}, {"reply": "y"})
    assert [host.said(), host.said()] == ["x", "y"]
    assert "count in this process alone" in caplog.text
    assert host.shown()[0]["left"] == 0


async def test_several_instances_that_count_by_themselves_are_a_warning_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    instances = 1
    counts = MemoryCounts(lambda: instances)
    await acting(counts, Candidate("a", times=2))
    instances = 2
    await acting(counts, Candidate("always"))
    assert caplog.messages == []
    for candidate in (Candidate("b", skip=1), Candidate("c", times=1)):
        await acting(counts, Candidate("always", additive=True), candidate)
    (message,) = caplog.messages
    assert "2 instances" in message
    assert "RATE_LIMIT_REDIS_URL" in message
