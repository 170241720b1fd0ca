"""Prompt caching: by the class with a clock, and as a client sees it."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.catalogue.models import find_model
from simulator.latency import Tempo
from simulator.operations.prompt_cache import PromptCache, hastened
from tests.conftest import API_VERSION, MakeSimulator
from tests.support.asking import ask
from tests.support.clock import Clock

GPT_4O, OLD = find_model("gpt-4o"), find_model("gpt-35-turbo")
LONG = "All work and no play makes Jack a dull boy. " * 200


@pytest.fixture
def cache(clock: Clock) -> PromptCache:
    return PromptCache(clock)


def test_a_prompt_that_came_before_is_cached_in_steps_of_128(cache: PromptCache) -> None:
    assert cache.cached(GPT_4O, "chat", [LONG], 2_000) == 0
    again = cache.cached(GPT_4O, "chat", [LONG], 2_000)
    assert 1_800 < again < 2_000
    assert again % 128 == 0


def test_only_what_both_begin_with_is_cached(cache: PromptCache) -> None:
    cache.cached(GPT_4O, "chat", [LONG, "one"], 2_000)
    other = cache.cached(GPT_4O, "chat", [LONG, "two" * 3_000], 4_000)
    assert 1_024 <= other <= 2_000
    assert cache.cached(GPT_4O, "chat", ["x" + LONG], 2_000) == 0


def test_ten_minutes_without_use_empty_it(cache: PromptCache, clock: Clock) -> None:
    cache.cached(GPT_4O, "chat", [LONG], 2_000)
    clock.now = 599
    assert cache.cached(GPT_4O, "chat", [LONG], 2_000) > 0
    clock.now = 599 + 600
    assert cache.cached(GPT_4O, "chat", [LONG], 2_000) == 0


def test_another_place_is_another_cache(cache: PromptCache) -> None:
    cache.cached(GPT_4O, "chat", [LONG], 2_000)
    assert cache.cached(GPT_4O, "chat with a key", [LONG], 2_000) == 0


def test_short_prompts_and_older_models_have_none(cache: PromptCache) -> None:
    for _ in range(2):
        assert cache.cached(GPT_4O, "chat", [LONG], 1_023) == 0
        assert cache.cached(OLD, "chat", [LONG], 2_000) == 0


def test_it_holds_a_bounded_number_of_prefixes(cache: PromptCache) -> None:
    for number in range(20):
        cache.cached(GPT_4O, f"{number}", ["x" * 2_000_000], 500_000)
    assert len(cache._used) == 50_000  # pyright: ignore[reportPrivateUsage]


def test_the_first_token_of_a_cached_prompt_comes_sooner() -> None:
    tempo = Tempo(2.0, 0.1)
    assert hastened(tempo, 0, 2_000) == tempo
    assert tuple(hastened(tempo, 1_000, 2_000)) == (pytest.approx(1.7), 0.1, None)


async def test_a_provisioned_deployment_does_not_count_what_was_cached(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    file = tmp_path / "deployments.json"
    ptu = {"model": "gpt-4o", "sku": "ProvisionedManaged", "ptu": 50}
    file.write_text(json.dumps({"ptu": ptu}))
    simulator = make_simulator(deployments_path=str(file))
    body = {"model": "ptu", "messages": [{"role": "user", "content": LONG * 20}], "max_tokens": 1}
    used: list[float] = []
    for _ in range(3):
        reply = await ask(simulator, "/openai/v1/chat/completions", body, query="")
        assert reply.status == 200
        # The utilization on arrival: what was estimated, and what answers before have really weighed.
        used.append(float(reply.headers["azure-openai-deployment-utilization"].rstrip("%")))
    prompt = used[0]
    assert prompt > 20
    assert used[1] == pytest.approx(2 * prompt, abs=1)
    assert used[2] == pytest.approx(2 * prompt, abs=1)


ASKED: list[tuple[str, str, dict[str, Any], tuple[str, str]]] = [
    (
        "/openai/deployments/gpt-4o/chat/completions",
        f"api-version={API_VERSION}",
        {"messages": [{"role": "user", "content": LONG}]},
        ("prompt_tokens_details", "prompt_tokens"),
    ),
    (
        "/openai/v1/responses",
        "",
        {"model": "gpt-4o", "input": LONG},
        ("input_tokens_details", "input_tokens"),
    ),
]


@pytest.mark.parametrize(("path", "query", "body", "members"), ASKED, ids=["chat", "responses"])
@pytest.mark.parametrize("on", [True, False])
async def test_a_client_sees_what_was_cached(
    make_simulator: MakeSimulator,
    path: str,
    query: str,
    body: dict[str, Any],
    members: tuple[str, str],
    *,
    on: bool,
) -> None:
    simulator, seen = make_simulator(prompt_cache=on), []
    for _ in range(2):
        usage = (await ask(simulator, path, body, query=query)).json["usage"]
        seen.append(usage[members[0]]["cached_tokens"])
        assert seen[-1] < usage[members[1]]
    other = await ask(simulator, path, body | {"prompt_cache_key": "mine"}, query=query)
    seen.append(other.json["usage"][members[0]]["cached_tokens"])
    assert [count >= 1_024 for count in seen] == [False, on, False]
