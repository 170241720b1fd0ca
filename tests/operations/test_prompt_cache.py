"""Prompt caching: by the class with a clock, and as a client sees it."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.catalogue.models import find_model
from simulator.latency import Tempo
from simulator.operations.prompt_cache import CacheUse, Prefixes, PromptCache, hastened
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
    sooner = hastened(tempo, 1_000, 2_000)
    assert (sooner.first, sooner.between) == (pytest.approx(1.7), 0.1)


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
    simulator = make_simulator(prompt_cache=on)
    seen: list[int] = []
    for _ in range(2):
        usage = (await ask(simulator, path, body, query=query)).json["usage"]
        seen.append(usage[members[0]]["cached_tokens"])
        assert seen[-1] < usage[members[1]]
    other = await ask(simulator, path, body | {"prompt_cache_key": "mine"}, query=query)
    seen.append(other.json["usage"][members[0]]["cached_tokens"])
    assert [count >= 1_024 for count in seen] == [False, on, False]


CATALOGUE = "Reference catalogue for the prompt cache test corpus.\n" + "\n".join(
    f"Entry {number:04}: shelf {number % 23}, aisle {number % 7}, volume {number}, catalogued under "
    f"subject heading {number % 11}."
    for number in range(160)
)
MARK = {"prompt_cache_breakpoint": {"mode": "explicit"}}


def marked(kind: str) -> list[dict[str, Any]]:
    parts = [
        {"type": kind, "text": CATALOGUE, **MARK},
        {"type": kind, "text": "Reply with exactly: OK"},
    ]
    return [{"role": "user", "content": parts}]


async def test_breakpoints_end_what_newer_models_cache_as_recorded(
    make_simulator: MakeSimulator,
) -> None:
    """Recorded in July 2026: 4,012 of 4,020 tokens are written once and read then, in both APIs."""
    simulator = make_simulator()
    options = {"prompt_cache_options": {"mode": "explicit", "ttl": "30m"}}
    chat = {"model": "gpt-5.6-sol", "messages": marked("text"), **options}
    used: list[tuple[int, dict[str, int]]] = []
    for _ in range(2):
        reply = await ask(simulator, "/openai/v1/chat/completions", chat, query="")
        usage = reply.json["usage"]
        used.append((usage["prompt_tokens"], usage["prompt_tokens_details"]))
    assert used == [
        (4_020, {"audio_tokens": 0, "cache_write_tokens": 4_012, "cached_tokens": 0}),
        (4_020, {"audio_tokens": 0, "cache_write_tokens": 0, "cached_tokens": 4_012}),
    ]
    response = {"model": "gpt-5.6-sol", "input": marked("input_text"), **options}
    reply = await ask(
        simulator, "/openai/v1/responses", {**response, "prompt_cache_key": "other"}, query=""
    )
    body = reply.json
    assert body["usage"]["input_tokens_details"] == {
        "cache_write_tokens": 4_012,
        "cached_tokens": 0,
    }
    assert body["prompt_cache_options"] == {"mode": "explicit", "ttl": "30m"}


async def details(simulator: Any, body: dict[str, Any]) -> dict[str, int]:
    reply = await ask(simulator, "/openai/v1/chat/completions", body, query="")
    found: dict[str, int] = reply.json["usage"]["prompt_tokens_details"]
    return {name: count for name, count in found.items() if name != "audio_tokens"}


async def test_the_end_of_the_last_message_is_a_breakpoint_unless_it_is_switched_off(
    make_simulator: MakeSimulator,
) -> None:
    """Of a conversation that goes on, all that was written before is read, and the rest is written."""
    simulator = make_simulator()
    first = [{"role": "system", "content": LONG}, {"role": "user", "content": "One?"}]
    more = [{"role": "assistant", "content": "1"}, {"role": "user", "content": "And two?"}]
    other = [first[0], {"role": "user", "content": "Three?"}]
    model = "gpt-5.6-luna"
    began = await details(simulator, {"model": model, "messages": first})
    assert began["cached_tokens"] == 0
    assert began["cache_write_tokens"] > 1_900
    went_on = await details(simulator, {"model": model, "messages": [*first, *more]})
    assert went_on["cached_tokens"] == began["cache_write_tokens"]
    assert 0 < went_on["cache_write_tokens"] < 20
    # No shorter prefix is found that nobody marked.
    assert (await details(simulator, {"model": model, "messages": other}))["cached_tokens"] == 0
    alone = {"model": model, "messages": first, "prompt_cache_options": {"mode": "explicit"}}
    nothing = {"cached_tokens": 0, "cache_write_tokens": 0}
    assert await details(simulator, alone) == nothing
    short = {"model": model, "messages": first[1:]}
    assert await details(simulator, short) == nothing


async def test_a_prefix_lasts_half_an_hour(clock: Clock) -> None:
    cache, prefixes = PromptCache(clock), Prefixes([b"one"], [1], {1: 1_024})
    assert cache.exact("chat", prefixes) == CacheUse(0, 1_024)
    clock.now = 1_799
    assert cache.exact("chat", prefixes) == CacheUse(1_024, 0)
    clock.now = 1_799 + 1_800
    assert cache.exact("chat", prefixes) == CacheUse(0, 1_024)


@pytest.mark.parametrize(
    ("model", "member", "problem"),
    [
        (
            "gpt-5.4",
            {"prompt_cache_options": {"mode": "explicit"}},
            "prompt_cache_options is not supported on this model",
        ),
        ("gpt-5.4", {}, "prompt_cache_breakpoint is not supported on this model"),
        (
            "gpt-5.5",
            {"prompt_cache_retention": "in_memory"},
            "This model is compatible only with 24h extended prompt caching",
        ),
        (
            "gpt-5.6-terra",
            {"prompt_cache_retention": "in_memory"},
            "This model is compatible only with 24h extended prompt caching",
        ),
        (
            "gpt-6-astra",
            {"prompt_cache_retention": "in_memory"},
            "This model is compatible only with 24h extended prompt caching",
        ),
    ],
)
async def test_what_a_model_does_not_have_of_the_cache_is_refused(
    make_simulator: MakeSimulator, model: str, member: dict[str, Any], problem: str
) -> None:
    simulator = make_simulator()
    plain = {"model": model, **member}
    name = next(iter(member), "prompt_cache_breakpoint")
    chats = "Hello" if member else marked("text")[0]["content"]
    inputs = "Hello" if member else marked("input_text")
    chat = {**plain, "messages": [{"role": "user", "content": chats}]}
    for path, body in (("chat/completions", chat), ("responses", {**plain, "input": inputs})):
        reply = await ask(simulator, f"/openai/v1/{path}", body, query="")
        assert reply.status == 400
        error = reply.json["error"]
        assert (error["message"], error["param"], error["code"]) == (
            problem,
            name,
            None if "retention" in name and path.startswith("chat") else "invalid_parameter",
        )
