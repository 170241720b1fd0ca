"""A deployment that is removed and comes again has empty windows."""

import asyncio
import logging

import pytest

from simulator.limits.departures import Departures
from simulator.limits.memory import MemoryStore
from simulator.limits.quota import StandardLimits
from simulator.limits.store import StoreError
from tests.conftest import MakeSimulator
from tests.limits.conftest import MakeStore
from tests.support.asking import Reply, ask, route

LIMITS = StandardLimits(tokens_per_minute=1_000, requests_per_minute=None)


async def test_a_store_forgets_one_deployment_alone(make_store: MakeStore) -> None:
    store = make_store()
    for name in ("a", "b"):
        await store.hit(name, LIMITS, 900)
    await store.forget("a")
    await store.forget("unknown")
    assert (await store.hit("a", LIMITS, 900)).wait == 0
    assert (await store.hit("b", LIMITS, 900)).wait > 0


async def test_names_that_are_gone_are_forgotten_and_no_others(make_store: MakeStore) -> None:
    store = make_store()
    departures = Departures(store, ["a", "b"])
    for name in ("a", "b"):
        await store.hit(name, LIMITS, 900)
    before = asyncio.all_tasks()
    departures.follow(["b", "c"])
    departures.follow(["a", "b", "c"])
    await asyncio.gather(*asyncio.all_tasks() - before)
    assert (await store.hit("a", LIMITS, 900)).wait == 0
    assert (await store.hit("b", LIMITS, 900)).wait > 0


async def test_a_store_that_cannot_be_reached_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Unreachable(MemoryStore):
        async def forget(self, name: str) -> None:
            raise StoreError(f"no way to {name}")

    departures = Departures(Unreachable(lambda: 0.0), ["a"])
    with caplog.at_level(logging.WARNING):
        departures.follow([])
        await asyncio.sleep(0)
    assert "no way to a" in caplog.text


async def test_a_deployment_that_is_removed_and_added_starts_empty(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(allow_undefined_deployments=False)
    small = {"model": "gpt-4o", "tokens_per_minute": 100}

    async def change(value: object) -> None:
        body = {"openai_deployments": {"mine": value}}
        assert (await ask(simulator, "/++/config", body, method="PATCH")).status == 200
        await asyncio.sleep(0)  # as between any two requests over a socket

    async def chat() -> Reply:
        messages = [{"role": "user", "content": "Hi"}]
        return await ask(
            simulator,
            route("chat/completions", "mine"),
            {"messages": messages, "max_tokens": 80},
        )

    await change(small)
    assert [(await chat()).status for _ in range(2)] == [200, 429]
    await change(None)
    assert (await chat()).status == 404
    await change(small)
    assert [(await chat()).status for _ in range(2)] == [200, 429]
