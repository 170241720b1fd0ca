"""A filter that is down: the answer comes unfiltered and says so."""

import json
from typing import Any

import pytest

from simulator.app import Simulator
from tests.conftest import API_VERSION, KEY, MakeSimulator
from tests.support.asking import Reply, ask, route

DOWN = {"error": {"code": "content_filter_error", "message": "The contents are not filtered"}}
CHAT = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5}


@pytest.fixture(scope="module")
def simulator(make_simulator: MakeSimulator) -> Simulator:
    return make_simulator()


async def ruled(
    simulator: Simulator, path: str, body: dict[str, Any], rule: dict[str, Any]
) -> Reply:
    headers = {"api-key": KEY, "x-simulator-rule": json.dumps(rule)}
    return await ask(simulator, path, body, query=f"api-version={API_VERSION}", headers=headers)


async def test_a_plain_answer_has_the_error_in_its_choice(simulator: Simulator) -> None:
    path, rule = route("chat/completions", "gpt-4o"), {"filter": {"unavailable": True}}
    reply = await ruled(simulator, path, CHAT, {**rule, "reply": "Hello"})
    assert reply.status == 200
    (choice,) = reply.json["choices"]
    assert list(choice)[:3] == ["content_filter_result", "content_filter_results", "finish_reason"]
    assert (choice["content_filter_result"], choice["content_filter_results"]) == (DOWN, {})
    assert choice["message"]["content"] == "Hello"
    assert reply.json["prompt_filter_results"] == [
        {"prompt_index": 0, "content_filter_results": {}}
    ]


async def test_each_chunk_of_a_stream_has_it(simulator: Simulator) -> None:
    path, rule = route("chat/completions", "gpt-4o"), {"filter": {"unavailable": True}}
    options = {"stream": True, "stream_options": {"include_usage": True}}
    reply = await ruled(simulator, path, {**CHAT, **options}, rule)
    prompt, role, *contents, finish, usage = reply.events
    assert prompt["prompt_filter_results"][0]["content_filter_results"] == {}
    for event in (role, *contents, finish):
        assert event["choices"][0]["content_filter_result"] == DOWN
    shown = ["content_filter_results" in event["choices"][0] for event in (role, *contents, finish)]
    assert shown == [True, *[False] * len(contents), True]
    assert usage["usage"]["completion_tokens"] == 5


async def test_completions_have_it_too(simulator: Simulator) -> None:
    path = route("completions", "gpt-35-turbo-instruct")
    rule = {"filter": {"unavailable": True}}
    for body in ({"prompt": "Hello"}, {"prompt": "Hello", "stream": True}):
        reply = await ruled(simulator, path, body, rule)
        answers = reply.events if "stream" in body else [reply.json]
        choices = [choice for answer in answers for choice in answer["choices"]]
        assert choices
        assert all(choice["content_filter_result"] == DOWN for choice in choices)


async def test_other_operations_show_nothing_of_it(simulator: Simulator) -> None:
    body = {"model": "gpt-4.1", "input": "Hello"}
    headers = {"api-key": KEY, "x-simulator-rule": json.dumps({"filter": {"unavailable": True}})}
    reply = await ask(simulator, "/openai/v1/responses", body, query="", headers=headers)
    assert reply.status == 200
    assert "content_filter_error" not in reply.body.decode()


@pytest.mark.parametrize(
    ("action", "member"),
    [
        ({"unavailable": True, "prompt": {"hate": True}}, "filter.unavailable"),
        ({"unavailable": False}, "filter"),
        ({"unavailable": "yes"}, "filter.unavailable"),
    ],
)
async def test_a_filter_that_is_down_finds_nothing(
    simulator: Simulator, action: dict[str, Any], member: str
) -> None:
    path = route("chat/completions", "gpt-4o")
    reply = await ruled(simulator, path, CHAT, {"filter": action})
    assert reply.status == 400
    assert f"'{member}'" in reply.json["error"]["message"]
