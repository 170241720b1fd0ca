"""Refusals of Claude's routes, in Anthropic's shape and words, and bodies that nobody foresaw."""

import json
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.app import Simulator
from simulator.messages import Request
from tests.conftest import KEY, MakeSimulator

USER = {"role": "user", "content": "Hello"}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Rain"}
TOOL = {"name": "weather", "input_schema": {"type": "object"}}
BASE: dict[str, Any] = {"model": "sonnet", "max_tokens": 10, "messages": [USER]}


def turns(*contents: Any) -> dict[str, Any]:
    """Messages of the user and the assistant in turn."""
    roles = ("user", "assistant")
    return {
        "messages": [
            {"role": roles[at % 2], "content": content} for at, content in enumerate(contents)
        ]
    }


def image(source: dict[str, str]) -> dict[str, Any]:
    return turns([{"type": "image", "source": source}])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"messages": None}, "messages: Field required"),
        ({"model": None}, "model: Field required"),
        ({"max_tokens": "many"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": 0}, "max_tokens: Input should be greater than or equal to 1"),
        (
            {"max_tokens": 64_001},
            (
                "max_tokens: 64001 > 64000, which is the maximum allowed number of output tokens for "
                "claude-sonnet-4-5-20250929"
            ),
        ),
        ({"n": 2}, "n: Extra inputs are not permitted"),
        ({"temperature": 1.5}, "temperature: Input should be less than or equal to 1"),
        (
            {"temperature": 0.5, "top_p": 0.5},
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        ),
        (
            {"model": "opus", "temperature": 0.5},
            "`temperature` is deprecated for this model.",
        ),
        ({"messages": []}, "messages: at least one message is required"),
        (
            {"messages": [{"role": "system", "content": "Hi"}]},
            "messages.0.role: Input should be 'user' or 'assistant'",
        ),
        (
            {"messages": [{"role": "assistant", "content": "Hi"}]},
            'messages: first message must use the "user" role',
        ),
        ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
        (
            turns(""),
            (
                "messages.0: all messages must have non-empty content except for the optional final "
                "assistant message"
            ),
        ),
        (
            {"system": [{"type": "text", "text": ""}]},
            "system: text content blocks must be non-empty",
        ),
        (
            {"system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}] * 5},
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        ),
        (
            turns([{"type": "text", "text": ""}]),
            "messages: text content blocks must be non-empty",
        ),
        (
            {"model": "opus", **turns("Hi", "So")},
            (
                "This model does not support assistant message prefill. The conversation must end with "
                "a user message."
            ),
        ),
        (
            turns("Hi", "So "),
            "messages: final assistant content cannot end with trailing whitespace",
        ),
        (
            {**turns("Hi", [CALL], "Well?"), "tools": [TOOL]},
            (
                "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: "
                "toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the "
                "next message."
            ),
        ),
        (
            turns([RESULT]),
            (
                "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. "
                "Each `tool_result` block must have a corresponding `tool_use` block in the previous "
                "message."
            ),
        ),
        ({"tools": [TOOL, TOOL]}, "tools: Tool names must be unique."),
        (
            {"tools": [{"name": "weather"}]},
            "tools.0.custom.input_schema: Field required",
        ),
        (
            {"tools": [{"name": "weather", "input_schema": {}}]},
            "tools.0.custom.input_schema.type: Field required",
        ),
        (
            {"tools": [{"name": "weather", "input_schema": {"type": "object", "required": 7}}]},
            (
                "tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft "
                "2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at "
                "https://docs.claude.com/en/docs/tool-use."
            ),
        ),
        (
            {"tools": [{**TOOL, "name": "no way"}]},
            "tools.0.name: String should match pattern '^[a-zA-Z0-9_-]+$'",
        ),
        (
            {"tool_choice": {"type": "any"}},
            "tool_choice: may only be specified while providing tools",
        ),
        (
            {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "time"}},
            "Tool 'time' not found in provided tools",
        ),
        (
            {"stop_sequences": [" "]},
            "stop_sequences.0: each stop sequence must contain non-whitespace",
        ),
        (
            image({"type": "base64", "media_type": "image/png", "data": "?"}),
            "messages.0.content.0.image.source.base64: invalid base64 data",
        ),
        (
            image({"type": "base64", "media_type": "image/png", "data": "YWJj"}),
            "Could not process image",
        ),
        (
            turns([{"type": "server_tool_use"}]),
            (
                "messages.0.content.0: Input tag 'server_tool_use' found using 'type' does not match "
                "any of the expected tags: 'document', 'image', 'redacted_thinking', 'text', "
                "'thinking', 'tool_result', 'tool_use'"
            ),
        ),
        (
            image({"type": "base64", "media_type": "image/bmp", "data": "YWJj"}),
            (
                "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', "
                "'image/png', 'image/gif' or 'image/webp'"
            ),
        ),
        (turns([{"type": "text"}]), "messages.0.content.0.text.text: Field required"),
        (
            {**turns("Hi", [{"type": "tool_use", "id": "toolu_1", "name": "weather"}])},
            "messages.1.content.0.tool_use.input: Field required",
        ),
        ({"system": 5}, "system: Input should be a valid list"),
        (
            turns([{"type": "text", "text": "Hi", "a[7].b": 1}]),
            "messages.0.content.0.text.a.7.b: Extra inputs are not permitted",
        ),
        (
            turns([{"type": "text", "text": "Hi", "9" * 5_000: 1}]),
            f"messages.0.content.0.text.{'9' * 5_000}: Extra inputs are not permitted",
        ),
        (turns("word " * 200_000), "prompt is too long: 224009 tokens > 200000 maximum"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_request_is_refused_in_anthropics_words(
    plain: httpx2.Client, changes: dict[str, Any], message: str
) -> None:
    body = {name: value for name, value in {**BASE, **changes}.items() if value is not None}
    refused = plain.post("/messages", json=body)
    assert refused.status_code == 400, refused.text
    found = refused.json()
    assert found == {
        "type": "error",
        "error": {"type": "invalid_request_error", "message": message},
        "request_id": refused.headers["request-id"],
    }


@pytest.mark.parametrize("path", ["/messages", "/messages/count_tokens"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b'{"model": "sonnet"}'])
def test_a_body_that_is_none_has_the_same_shape(
    plain: httpx2.Client, path: str, body: bytes
) -> None:
    refused = plain.post(path, content=body)
    assert (refused.status_code, refused.json()["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("", "anthropic-version: header is required"),
        ("2024-01-01", 'anthropic-version: "2024-01-01" is not a valid version'),
    ],
)
def test_a_version_is_required(plain: httpx2.Client, version: str, message: str) -> None:
    refused = plain.post("/messages", json=BASE, headers={"anthropic-version": version})
    assert (refused.status_code, refused.json()["error"]["message"]) == (400, message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"temperature": 1}, "temperature: Extra inputs are not permitted"),
        (
            turns([{"type": "text", "text": "a", "citations": [{}]}]),
            "messages.0.content.0.text.citations: Extra inputs are not permitted",
        ),
    ],
)
def test_the_newest_version_takes_less(
    plain: httpx2.Client, changes: dict[str, Any], message: str
) -> None:
    newest = {"anthropic-version": "2026-10-21"}
    assert plain.post("/messages", json=BASE, headers=newest).status_code == 200
    refused = plain.post("/messages", json={**BASE, **changes}, headers=newest)
    assert refused.json()["error"]["message"] == message
    assert plain.post("/messages", json={**BASE, **changes}).status_code == 200


def test_azures_gateway_keeps_its_own_bodies(plain: httpx2.Client) -> None:
    unknown = plain.post("/messages", json={**BASE, "model": "claude-nowhere"})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "DeploymentNotFound")
    other = plain.post("/messages", json={**BASE, "model": "gpt-4o"})
    assert (other.status_code, other.json()["error"]["code"]) == (404, "api_not_supported")
    wrong = plain.post("/messages", json=BASE, headers={"x-api-key": "wrong"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "401")


def test_a_body_over_32_mb_is_a_413(plain: httpx2.Client) -> None:
    body = json.dumps({**BASE, **turns("x" * (32 * 2**20))})
    refused = plain.post("/messages", content=body)
    assert (refused.status_code, refused.json()["error"]["type"]) == (413, "request_too_large")


@pytest.fixture(scope="module")
def simulator(make_simulator: MakeSimulator, deployments: str) -> Simulator:
    return make_simulator(deployments_path=deployments)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**6) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
blocks = st.lists(
    st.sampled_from(
        [
            {"type": "text", "text": "Hi"},
            CALL,
            RESULT,
            {"type": "thinking", "thinking": "Hm", "signature": "s"},
            {"type": "redacted_thinking", "data": "d"},
            {"type": "document", "source": {"type": "file", "file_id": "f"}},
            {"type": "image", "source": {"type": "url", "url": "u"}},
            {"type": "tool_result", "tool_use_id": "toolu_1"},
        ]
    )
    | json_values,
    max_size=3,
)
messages = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", 7]), "content": blocks | st.text(max_size=9)}
    ),
    max_size=4,
)
bodies = st.fixed_dictionaries(
    {
        "model": st.sampled_from(["sonnet", "opus"]),
        "max_tokens": st.integers(1, 30) | st.just(2000),
        "messages": messages,
    },
    optional={
        "system": json_values,
        "stream": st.booleans(),
        "tools": st.just([TOOL]) | json_values,
        "tool_choice": st.sampled_from([{"type": "any"}, {"type": "none"}]) | json_values,
        "stop_sequences": st.just(["e", "a"]) | json_values,
        "thinking": st.sampled_from(
            [{"type": "enabled", "budget_tokens": 1024}, {"type": "adaptive"}]
        )
        | json_values,
        "output_config": st.just({"format": {"type": "json_schema", "schema": {}}}) | json_values,
        "cache_control": st.just({"type": "ephemeral"}) | json_values,
        "metadata": json_values,
    },
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies, path=st.sampled_from(["messages", "messages/count_tokens"]))
async def test_no_body_is_a_5xx(simulator: Simulator, body: dict[str, Any], path: str) -> None:
    headers = {"api-key": KEY, "anthropic-version": "2023-06-01"}
    if path.endswith("tokens"):
        body.pop("max_tokens", None)
    content = json.dumps(body).encode()
    answer = await simulator(Request("POST", f"/anthropic/v1/{path}", "", headers, content))
    assert answer.status in (200, 400), answer.body
