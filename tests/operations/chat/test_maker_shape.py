"""Models of other makers answer chats in a shape of their own (recorded 2026-06 to 2026-08)."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.app import Simulator
from tests.conftest import MakeSimulator
from tests.support.asking import Reply, ask, route

GROK = "grok-4-1-fast-non-reasoning"
DEPLOYED = {
    GROK: {"model": GROK},
    "narrow": {"model": GROK, "tokensPerMinute": 1000, "requestsPerMinute": 10},
    "DeepSeek-V3.1": {"model": "DeepSeek-V3.1"},
    "v4": {"model": "DeepSeek-V4-Pro"},
    "oss": {"model": "gpt-oss-120b"},
    "cohere": {"model": "Cohere-embed-v3-english", "tokensPerMinute": 100000},
    "nano": {"model": "gpt-5-nano", "tokensPerMinute": 100000},
}
HELLO = [{"role": "user", "content": "What's 2 + 2?"}]
TOOL: Any = {
    "type": "function",
    "function": {"name": "dice_roll", "parameters": {"type": "object", "properties": {}}},
}
INFERENCE = "api-version=2024-05-01-preview"
GATEWAY = {"apim-request-id", "strict-transport-security", "x-content-type-options", "x-ms-region"}
OFFER = {"azureai-fe-is-streaming", "azureai-fe-offer-type"}
COUNTED = ["prompt_tokens", "completion_tokens", "total_tokens", "audio_prompt_tokens"]
BODY = ["id", "model", "choices", "usage", "created", "object", "prompt_filter_results"]


@pytest.fixture(scope="module")
def foundry(make_simulator: MakeSimulator, tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    file: Path = tmp_path_factory.mktemp("foundry") / "deployments.json"
    file.write_text(json.dumps(DEPLOYED))
    return make_simulator(deployments_path=str(file), region="West Europe")


async def chat(foundry: Simulator, model: str, **parameters: Any) -> Reply:
    body = {"model": model, "messages": HELLO, "max_tokens": 5, **parameters}
    return await ask(foundry, "/models/chat/completions", body, query=INFERENCE)


def names(reply: Reply) -> set[str]:
    return set(reply.headers) - {"content-type"}


async def test_xai_has_its_own_members_in_its_own_order(foundry: Simulator) -> None:
    reply = await chat(foundry, GROK)
    body = reply.json
    assert list(body) == BODY
    assert list(body["choices"][0]) == ["index", "message", "finish_reason"]
    assert list(body["choices"][0]["message"]) == ["role", "content"]
    details = ["prompt_tokens_details", "completion_tokens_details", "num_sources_used"]
    assert list(body["usage"]) == [*COUNTED, *details]
    assert body["usage"]["prompt_tokens"] == 7
    assert body["prompt_filter_results"] is None
    assert not reply.body.endswith(b"\n")
    tiers = {"azureai-requested-tier", "azureai-processed-tier"}
    assert names(reply) == {*GATEWAY, *OFFER, *tiers, "cache-control", "traceparent"}


@pytest.mark.parametrize("model", ["DeepSeek-V3.1", "oss"])
async def test_other_makers_report_their_counts_alone(foundry: Simulator, model: str) -> None:
    path = route("chat/completions", model)
    reply = await ask(foundry, path, {"messages": HELLO, "max_completion_tokens": 5000})
    assert list(reply.json) == BODY
    assert list(reply.json["usage"]) == COUNTED
    assert list(reply.json["choices"][0])[-1] == "content_filter_results"
    assert reply.json["choices"][0]["content_filter_results"] == {}


async def test_calls_have_an_index_and_an_empty_text(foundry: Simulator) -> None:
    reply = await chat(foundry, GROK, tools=[TOOL], tool_choice="required", max_tokens=50)
    message = reply.json["choices"][0]["message"]
    assert list(message) == ["role", "content", "tool_calls"]
    assert message["content"] == ""
    assert list(message["tool_calls"][0]) == ["id", "index", "type", "function"]
    assert list(message["tool_calls"][0]["function"]) == ["name", "arguments"]


async def test_a_stream_of_xai_begins_with_the_text(foundry: Simulator) -> None:
    reply = await chat(foundry, GROK, stream=True, stream_options={"include_usage": True})
    first, *_, finish, usage = reply.events
    head = ["id", "object", "created", "model", "choices"]
    assert list(first) == [*head, "system_fingerprint", "service_tier"]
    assert list(first["choices"][0]) == ["index", "delta"]
    assert list(first["choices"][0]["delta"]) == ["content", "role"]
    assert finish["choices"] == [{"index": 0, "delta": {}, "finish_reason": "length"}]
    assert list(usage) == [*head, "usage", "system_fingerprint", "service_tier"]
    assert usage["usage"]["completion_tokens"] == 5
    assert list(usage["usage"])[-1] == "cost_in_usd_ticks"
    assert reply.headers["content-type"] == "text/event-stream"
    assert reply.headers["azureai-fe-is-streaming"] == "False"


async def test_a_call_of_xai_is_one_event(foundry: Simulator) -> None:
    tools = {"tools": [TOOL], "tool_choice": "required"}
    called, finish, _ = (await chat(foundry, GROK, stream=True, max_tokens=50, **tools)).events
    delta = called["choices"][0]["delta"]
    assert list(delta) == ["role", "tool_calls"]
    assert list(delta["tool_calls"][0]) == ["id", "function", "index", "type"]
    assert finish["choices"][0]["finish_reason"] == "tool_calls"


async def test_other_streams_have_every_member(foundry: Simulator) -> None:
    first, *_, finish, _ = (await chat(foundry, "DeepSeek-V3.1", stream=True)).events
    choice = ["index", "delta", "logprobs", "finish_reason", "matched_stop"]
    for event in (first, finish):
        assert list(event["choices"][0]) == choice
        assert event["usage"] is None
    assert finish["choices"][0]["finish_reason"] == "length"


async def test_a_limit_of_theirs_has_words_of_its_own(foundry: Simulator) -> None:
    replies = [await chat(foundry, "narrow", max_tokens=900) for _ in range(2)]
    message = f"Your requests to {GROK} for narrow in westeurope have exceeded rate limit."
    error = {"code": "RateLimitReached", "message": message, "details": message}
    assert (replies[1].status, replies[1].json) == (429, {"error": error})
    assert {name for name in replies[1].headers if "ratelimit" in name} == set()
    assert int(replies[1].headers["retry-after"]) > 0


async def test_openais_models_take_efforts_and_stream_options_below_models(
    foundry: Simulator,
) -> None:
    reasoned = {"reasoning_effort": "low", "max_tokens": None}
    reply = await chat(foundry, "nano", **reasoned)
    assert reply.status == 200
    assert names(reply) == {*GATEWAY, *OFFER, "skip-error-remapping"}
    assert reply.headers["azureai-fe-is-streaming"] == "False"
    options = {"stream": True, "stream_options": {"include_usage": True}}
    reply = await chat(foundry, "nano", **reasoned, **options)
    assert reply.events[-1]["usage"]["completion_tokens_details"]["reasoning_tokens"]
    assert reply.headers["azureai-fe-is-streaming"] == "True"


@pytest.mark.parametrize("path", ["/openai/v1/embeddings", "/models/embeddings"])
async def test_embeddings_of_cohere_are_cohere_s(foundry: Simulator, path: str) -> None:
    query = INFERENCE if "models" in path else ""
    body = {"model": "cohere", "input": ["Ruby", "Ruby is great"]}
    reply = await ask(foundry, path, body, query=query)
    assert list(reply.json) == ["id", "object", "data", "model", "usage"]
    assert [list(one) for one in reply.json["data"]] == [["index", "object", "embedding"]] * 2
    assert reply.json["model"] == "embed-english-v3.0"
    tokens = reply.json["usage"]["total_tokens"]
    assert reply.json["usage"] == {
        "prompt_tokens": tokens,
        "completion_tokens": 0,
        "total_tokens": tokens,
    }
    counts = {"num-chars": "17", "num-tokens": str(tokens), "prompt-token-len": str(tokens)}
    assert {name: reply.headers[name] for name in counts} == counts
    cached = {"cache-control", "expires", "pragma", "vary"}
    assert names(reply) == {*GATEWAY, *counts, *cached, "sampling-token-len"}


@pytest.mark.parametrize(
    "extra",
    [
        {"thinking": {"type": "enabled"}},
        {"top_k": 3},
        {"verbosity": "low"},
        {"prompt_cache_key": "a"},
        {"prompt_cache_retention": "24h"},
        {"safety_identifier": "a"},
        {"user_security_context": {}},
    ],
)
@pytest.mark.parametrize("model", ["v4", GROK])
async def test_what_they_do_not_know_is_refused_in_their_words(
    foundry: Simulator, model: str, extra: dict[str, Any]
) -> None:
    body = {"model": model, "messages": HELLO, **extra}
    reply = await ask(foundry, "/openai/v1/chat/completions", body, query="")
    message = f"Unrecognized request argument supplied: {next(iter(extra))}"
    error = {"code": "unrecognized_request_argument", "message": message, "details": message}
    assert (reply.status, reply.json) == (400, {"error": error})


@pytest.mark.parametrize("effort", [None, "none", "low", "high"])
async def test_deepseek_v4_thinks_if_it_is_asked_to(foundry: Simulator, effort: str | None) -> None:
    body = {"model": "v4", "messages": HELLO, "reasoning_effort": effort, "user": "a"}
    reply = await ask(foundry, "/openai/v1/chat/completions", body, query="")
    assert reply.json["model"] == "deepseek-v4-pro"
    thought = reply.json["choices"][0]["message"].get("reasoning_content")
    assert bool(thought) == (effort in ("low", "high"))


async def test_gpt_oss_cannot_be_made_to_call_a_tool(foundry: Simulator) -> None:
    path, body = route("chat/completions", "oss"), {"messages": HELLO, "tools": [TOOL]}
    reply = await ask(foundry, path, {**body, "tool_choice": "required"})
    assert (reply.status, reply.json["error"]["code"]) == (400, "UnsupportedToolUse")
    assert (await ask(foundry, path, {**body, "tool_choice": "auto"})).status == 200
