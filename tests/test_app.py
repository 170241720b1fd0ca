"""The pipeline: what every request goes through, whatever it asks for."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.app import Simulator
from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from simulator.messages import Answer
from simulator.modes.generate import Generate
from simulator.operations.base import Call
from tests.conftest import API_VERSION, FULL_LENGTH, KEY, NO_LATENCY, MakeSimulator
from tests.support.asking import Reply, ask, route

CHAT = route("chat/completions", "gpt-4o")
EMBED = route("embeddings", "text-embedding-3-small")
COMPLETE = route("completions", "gpt-35-turbo-instruct")
MESSAGES = [{"role": "user", "content": "Hello"}]
NOT_FOUND = b'{"error":{"code":"404","message": "Resource not found"}}'


@pytest.fixture(scope="module")
def simulator(make_simulator: MakeSimulator) -> Simulator:
    return make_simulator()


def assert_refused(reply: Reply) -> None:
    """In a body of the real service, by one of its statuses."""
    assert reply.status in {400, 404}
    error = reply.json["error"]
    members = {"message"}, {"code", "message"}, {"message", "type", "param", "code"}
    assert set(error) in members
    assert error["message"]


async def test_a_chat_is_answered(simulator: Simulator) -> None:
    reply = await ask(simulator, CHAT, {"messages": MESSAGES})
    assert reply.status == 200
    assert reply.json["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    "path", [f"{CHAT}/", "/openai/v1/chat/completions", "/openai/v1/chat/completions/"]
)
async def test_other_ways_to_write_the_route_are_answered(simulator: Simulator, path: str) -> None:
    query = "" if "v1" in path else "api-version=2024-10-21"
    body = {"model": "gpt-4o", "messages": MESSAGES}
    assert (await ask(simulator, path, body, query=query)).status == 200


@pytest.mark.parametrize(
    "path", ["/", CHAT, "/openai/models", "/x", "/docs", "/openapi.json", "/%"]
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
async def test_a_wrong_method_leads_nowhere(simulator: Simulator, path: str, method: str) -> None:
    reply = await ask(simulator, path, method=method)
    assert (reply.status, reply.body) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    "query", ["", "api-version=", "api-version=2020-01-01", "api-version=v1", "API=2024-10-21"]
)
@pytest.mark.parametrize("path", [CHAT, EMBED, COMPLETE])
async def test_without_a_known_api_version_there_is_nothing(
    simulator: Simulator, path: str, query: str
) -> None:
    reply = await ask(simulator, path, {"messages": MESSAGES}, query=query)
    assert (reply.status, reply.body) == (404, NOT_FOUND)


async def test_a_dated_version_on_a_v1_route_is_refused(simulator: Simulator) -> None:
    body = {"model": "gpt-4o", "messages": MESSAGES}
    reply = await ask(simulator, "/openai/v1/chat/completions", body)
    assert reply.status == 400
    assert reply.body == b'{"error":{"code":"BadRequest","message":"API version not supported"}}'


@pytest.mark.parametrize("query", ["api-version=2024-10-21", "api-version=preview"])
async def test_models_of_other_makers_take_no_version_on_a_v1_route(
    simulator: Simulator, query: str
) -> None:
    body = {"model": "gpt-oss-120b", "messages": MESSAGES}
    reply = await ask(simulator, "/openai/v1/chat/completions", body, query=query)
    assert reply.status == 400
    assert reply.body == (
        b'{"error":{"code":"BadRequest","message":"api-version query parameter is not allowed when '
        b'using /v1 path"}}'
    )
    unversioned = await ask(simulator, "/openai/v1/chat/completions", body, query="")
    assert unversioned.status == 200


@pytest.mark.parametrize("path", [CHAT, EMBED, COMPLETE, "/nowhere", "/openai/models"])
@pytest.mark.parametrize("headers", [{}, {"api-key": "wrong"}, {"authorization": "Bearer wrong"}])
async def test_every_route_asks_for_the_key(
    simulator: Simulator, path: str, headers: dict[str, str]
) -> None:
    reply = await ask(simulator, path, {"messages": MESSAGES}, headers=headers)
    assert reply.status == 401


@pytest.mark.parametrize("headers", [{"api-key": KEY}, {"authorization": f"bearer {KEY}"}])
async def test_the_key_is_taken_in_either_header(
    simulator: Simulator, headers: dict[str, str]
) -> None:
    reply = await ask(simulator, CHAT, {"messages": MESSAGES}, headers=headers)
    assert reply.status == 200


async def test_the_root_says_without_a_key_that_it_is_running(simulator: Simulator) -> None:
    reply = await ask(simulator, "/", method="GET", query="", headers={})
    assert reply.status == 200
    assert reply.json["message"] == "Azure OpenAI API Simulator is running"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CHAT),
        ("GET", "/"),
        ("GET", "/++/health"),
        ("GET", "/++/ready"),
        ("GET", "/private/images/0123/generated_00.png"),
        ("GET", "/no/such/route"),
    ],
)
async def test_without_a_key_set_every_request_is_refused_with_the_cause(
    make_simulator: MakeSimulator, method: str, path: str
) -> None:
    reply = await ask(make_simulator(api_key=""), path, {"messages": MESSAGES}, method=method)
    assert reply.status == 503
    assert "SIMULATOR_API_KEY" in reply.json["error"]["message"]


async def test_an_undefined_deployment_is_guessed_from_its_name(simulator: Simulator) -> None:
    path = route("chat/completions", "our-gpt-4.1-mini")
    reply = await ask(simulator, path, {"messages": MESSAGES})
    assert reply.json["model"] == "gpt-4.1-mini-2025-04-14"


@pytest.mark.parametrize("operation", ["chat/completions", "completions", "embeddings"])
async def test_an_undefined_deployment_is_not_found_where_they_are_not_allowed(
    make_simulator: MakeSimulator, operation: str
) -> None:
    strict = make_simulator(allow_undefined_deployments=False)
    reply = await ask(strict, route(operation, "no-such"), {"messages": MESSAGES})
    assert reply.status == 404
    assert reply.json["error"]["code"] == "DeploymentNotFound"


@pytest.mark.parametrize(
    ("operation", "deployment", "name"),
    [
        ("completions", "gpt-4o", "completion"),
        ("embeddings", "gpt-4o", "embeddings"),
    ],
)
async def test_a_model_does_what_it_does_and_nothing_else(
    simulator: Simulator, operation: str, deployment: str, name: str
) -> None:
    reply = await ask(simulator, route(operation, deployment), {"messages": MESSAGES})
    assert reply.status == 400
    assert reply.json["error"]["code"] == "OperationNotSupported"
    assert f"The {name} operation does not work with" in reply.json["error"]["message"]


@pytest.mark.parametrize(
    "deployment",
    ["gpt-5.4-pro", "gpt-5.3-codex", "text-embedding-3-small", "gpt-image-1", "whisper"],
)
@pytest.mark.parametrize("path", ["v1/chat/completions", "deployments/{}/chat/completions"])
async def test_a_model_without_chat_is_refused_in_few_words(
    simulator: Simulator, path: str, deployment: str
) -> None:
    """Pasted by users of Azure for codex and pro models on both routes, and for models of embeddings and
    images (2026-04 to 2026-11)."""
    reply = await ask(
        simulator,
        f"/openai/{path.format(deployment)}",
        {"model": deployment, "messages": MESSAGES},
        query="" if path.startswith("v1") else f"api-version={API_VERSION}",
    )
    assert reply.status == 400
    assert reply.body == (
        b'{\n  "error": {\n    "message": "The requested operation is unsupported."\n  }\n}'
    )
    assert "content-type" not in reply.headers


class Broken(Generate):
    async def answer(self, call: Call[Any]) -> Answer:
        raise KeyError(call.operation.name)


async def test_a_bug_is_logged_and_answered_as_the_service_does(
    simulator: Simulator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Generate, "answer", Broken.answer)
    reply = await ask(simulator, CHAT, {"messages": MESSAGES})
    assert reply.status == 500
    assert reply.headers["apim-request-id"] in reply.json["error"]["message"]
    assert "KeyError" in caplog.text
    assert reply.headers["apim-request-id"] in caplog.text
    assert "KeyError" not in reply.body.decode()


async def test_a_key_is_never_logged(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await ask(simulator, CHAT, {"messages": MESSAGES}, headers={"api-key": "guess-7"})
    await ask(simulator, CHAT, {"messages": MESSAGES})
    assert KEY not in caplog.text
    assert "guess-7" not in caplog.text


DEEP = 100_000
HOSTILE = {
    "nothing": b"",
    "no JSON": b"\x00\x01\x02",
    "half a body": b'{"messages":[{"role":"user","con',
    "not a number": b'{"messages":[{"role":"user","content":"a"}],"temperature":NaN}',
    "infinity": b'{"messages":[{"role":"user","content":"a"}],"temperature":-Infinity}',
    "a lone surrogate": b'{"messages":[{"role":"user","content":"\\ud800"}]}',
    "a reversed pair": b'{"messages":[{"role":"user","content":"\\udc00\\ud800"}]}',
    "invalid UTF-8": b'{"messages":[{"role":"user","content":"\xff\xfe"}]}',
    "UTF-16": '{"messages":[]}'.encode("utf-16"),
    "100,000 levels": b'{"messages":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "100,000 objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "100,000 open brackets": b"[" * DEEP,
    "a huge number": b'{"messages":[{"role":"user","content":"a"}],"n":' + b"9" * 5000 + b"}",
    "100,000 messages": json.dumps({"messages": MESSAGES * 100_000}).encode(),
    "a negative maximum": b'{"messages":[{"role":"user","content":"a"}],"max_tokens":-1}',
    "10 MB in one text": json.dumps(
        {
            "messages": [{"role": "user", "content": "word " * 2_000_000}],
            "prompt": "a",
            "input": "a",
        }
    ).encode(),
    "nulls": b'{"messages":null,"prompt":null,"input":null,"n":null}',
}


@pytest.mark.parametrize("path", [CHAT, EMBED, COMPLETE, "/openai/v1/chat/completions"])
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_body_is_refused_in_the_services_form(
    simulator: Simulator, path: str, name: str
) -> None:
    query = "" if "v1" in path else "api-version=2024-10-21"
    reply = await ask(simulator, path, HOSTILE[name], query=query)
    assert_refused(reply)
    typed = "Missed model" not in reply.json["error"]["message"]
    assert reply.headers.get("content-type") == ("application/json" if typed else None)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_the_content_type_is_not_what_makes_json(
    simulator: Simulator, content_type: str
) -> None:
    headers = {"api-key": KEY, "content-type": content_type}
    reply = await ask(simulator, CHAT, {"messages": MESSAGES}, headers=headers)
    assert reply.status == 200


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
ROLES = st.sampled_from(["system", "developer", "user", "assistant", "tool", "function", "nobody"])
PART = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text", "image_url", "input_audio", "file", "refusal", "x"])
        | VALUES,
        "text": st.text(max_size=20) | VALUES,
        "image_url": st.fixed_dictionaries({"url": st.text(max_size=20)}) | VALUES,
        "refusal": st.text(max_size=20),
    },
)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "role": ROLES | VALUES,
        "content": st.text(max_size=20) | st.lists(PART, max_size=3) | VALUES,
        "name": st.text(max_size=8) | VALUES,
        "tool_call_id": st.text(max_size=8),
        "refusal": VALUES,
    },
)
CHAT_BODY = st.fixed_dictionaries(
    {"messages": st.lists(MESSAGE, max_size=3) | VALUES},
    optional={
        "n": st.integers(-1, 4) | VALUES,
        "max_tokens": st.integers(-1, 50) | VALUES,
        "max_completion_tokens": st.integers(-1, 50) | VALUES,
        "temperature": st.floats(-1, 3) | VALUES,
        "top_p": st.floats(-1, 2) | VALUES,
        "stop": st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=5) | VALUES,
        "seed": st.integers() | VALUES,
        "logprobs": st.booleans() | VALUES,
        "top_logprobs": st.integers(-1, 21) | VALUES,
        "stream": st.booleans() | VALUES,
        "stream_options": st.fixed_dictionaries({"include_usage": st.booleans()}) | VALUES,
        "response_format": st.fixed_dictionaries({"type": st.sampled_from(["text", "json_object"])})
        | VALUES,
        "logit_bias": st.dictionaries(st.text(max_size=3), st.floats(-200, 200)) | VALUES,
        "metadata": st.dictionaries(st.text(max_size=3), st.text(max_size=3)) | VALUES,
        "reasoning_effort": st.sampled_from(["low", "none"]) | VALUES,
        "extra": VALUES,
    },
)
TEXT_BODY = st.fixed_dictionaries(
    {},
    optional={
        "prompt": VALUES | st.lists(st.text(max_size=9)) | st.lists(st.integers(0, 300_000)),
        "input": VALUES | st.lists(st.text(max_size=9)) | st.lists(st.integers(0, 300_000)),
        "max_tokens": st.integers(-1, 50) | VALUES,
        "n": st.integers(-1, 4) | VALUES,
        "best_of": st.integers(-1, 4) | VALUES,
        "echo": st.booleans() | VALUES,
        "logprobs": st.integers(-1, 6) | VALUES,
        "suffix": st.text(max_size=5) | VALUES,
        "stream": st.booleans() | VALUES,
        "dimensions": st.integers(-1, 2000) | VALUES,
        "encoding_format": st.sampled_from(["float", "base64"]) | VALUES,
    },
)
PROPERTY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PROPERTY
@given(CHAT_BODY, st.sampled_from(["gpt-4o", "gpt-5", "o1", "gpt-35-turbo"]))
async def test_any_chat_body_is_answered_or_refused(
    simulator: Simulator, body: dict[str, Any], deployment: str
) -> None:
    reply = await ask(simulator, route("chat/completions", deployment), body)
    if reply.status != 200:
        assert_refused(reply)


@PROPERTY
@given(TEXT_BODY, st.sampled_from([COMPLETE, EMBED]))
async def test_any_text_body_is_answered_or_refused(
    simulator: Simulator, body: dict[str, Any], path: str
) -> None:
    reply = await ask(simulator, path, body)
    if reply.status != 200:
        assert_refused(reply)


@PROPERTY
@given(st.text(), st.text(max_size=30))
async def test_any_path_is_answered_or_refused(simulator: Simulator, path: str, query: str) -> None:
    reply = await ask(simulator, f"/{path}", b"{}", query=query)
    assert reply.status in {200, 400, 404}


async def test_a_small_request_is_answered_while_a_large_one_is_counted(
    simulator: Simulator,
) -> None:
    part = {"type": "text", "text": " " * 1_000_000}
    large = {"messages": [{"role": "user", "content": [part] * 3}], "max_tokens": 1}
    small = {"messages": MESSAGES, "max_tokens": 1}
    content = json.dumps(large).encode()
    await ask(simulator, CHAT, small)
    counted = asyncio.create_task(ask(simulator, CHAT, content))
    answered = 0
    while not counted.done():
        assert (await ask(simulator, CHAT, small)).status == 200
        answered += 1
        await asyncio.sleep(0.001)
    assert (await counted).status == 200
    assert answered > 10


@pytest.mark.parametrize("path", [CHAT, "/openai/v1/responses", "/++/rules", "/openai/v1/batches"])
async def test_a_body_of_too_many_values_is_refused(simulator: Simulator, path: str) -> None:
    body = b'{"model": "gpt-4o", "a": [' + b"{}," * 500_000 + b"{}]}"
    query = "api-version=2024-10-21" if "deployments" in path else ""
    reply = await ask(simulator, path, body, query=query)
    assert reply.json["error"]["code"] == "too_many_values"
    assert_refused(reply)


async def test_every_answer_has_an_id_and_headers_of_its_own(simulator: Simulator) -> None:
    replies = [await ask(simulator, CHAT, {"messages": MESSAGES}) for _ in range(2)]
    assert len({reply.json["id"] for reply in replies}) == 2
    assert len({reply.headers["apim-request-id"] for reply in replies}) == 2


async def test_the_verdict_knows_the_caps_that_used_a_limit_up(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator()
    path = route("chat/completions", "gpt-35-turbo-50k-token")
    body = {"messages": MESSAGES, "max_tokens": 4_000}
    headers = {"api-key": KEY, "x-simulator-rule": '{"reply": "Hi"}'}
    statuses = [(await ask(simulator, path, body, headers=headers)).status for _ in range(13)]
    assert (statuses[:11], statuses[-1]) == ([200] * 11, 429)
    verdict = await ask(simulator, "/++/verdict", method="GET", query="")
    assert "max_tokens_wasteful" in verdict.body.decode()


async def test_a_call_that_fails_where_it_spilled_over_to_is_taken_back_once(
    tmp_path: Path,
) -> None:
    """Or else the utilization of the provisioned deployment would fall by what others use."""
    extension, deployments = tmp_path / "failing.py", tmp_path / "deployments.json"
    extension.write_text(
        "from simulator.extensions import Unavailable\n"
        "async def fail(original, call, tempo):\n"
        "    if b'fail' in call.request.body:\n"
        "        raise Unavailable('busy')\n"
        "    return await original(call, tempo)\n"
        "def initialize(extensions):\n"
        "    extensions.wrap_generator('chat_completions', fail)\n"
    )
    ptu = {"model": "gpt-4o", "sku": "ProvisionedManaged", "ptu": 50}
    deployments.write_text(
        json.dumps({"ptu": {**ptu, "spilloverDeployment": "std"}, "std": {"model": "gpt-4o"}})
    )
    simulator = create_simulator(
        Settings(
            api_key=KEY,
            deployments_path=str(deployments),
            extension_path=str(extension),
            **NO_LATENCY,
            **FULL_LENGTH,
        ),
        lambda: 100.0,
    )
    large = {"messages": MESSAGES, "max_tokens": 16_000}
    failing = {**large, "messages": [{"role": "user", "content": "fail"}]}
    chat = route("chat/completions", "ptu")
    assert (await ask(simulator, chat, large)).status == 200
    assert (await ask(simulator, chat, failing)).status == 503
    small = await ask(simulator, chat, {"messages": MESSAGES, "max_tokens": 1})
    assert float(small.headers["azure-openai-deployment-utilization"].rstrip("%")) > 40


@pytest.mark.parametrize("named", [{}, {"model": None}, {"model": ""}])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("chat/completions", {"messages": MESSAGES}),
        ("embeddings", {"input": "a"}),
        ("responses", {"input": "a"}),
        ("images/generations", {"prompt": "a"}),
    ],
)
async def test_a_v1_route_wants_a_model(
    simulator: Simulator, path: str, body: dict[str, Any], named: dict[str, Any]
) -> None:
    """Recorded 2026-03 with Responses; pasted by users with chat, also for an empty one (2026-05 to
    2026-11); the others by analogy."""
    reply = await ask(simulator, f"/openai/v1/{path}", {**body, **named}, query="")
    assert (reply.status, reply.body) == (
        400,
        b'{\n  "error": {\n    "message": "Missed model deployment"\n  }\n}',
    )
