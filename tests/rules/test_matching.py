"""Which requests a rule is for, member by member."""

import time
from typing import Any, cast

import pytest

from simulator.budget import Budget
from simulator.operations.base import Call, RequestSummary
from simulator.rules.subject import Subject
from tests.rules.conftest import Host

TOOLS = [
    {
        "type": "function",
        "function": {"name": "find", "parameters": {"type": "object", "properties": {}}},
    }
]
MATCHING: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"operation": "chat_completions"}, {}),
    ({"operation": ["responses", "chat_completions"]}, {}),
    ({"deployment": "gpt-4o"}, {}),
    ({"model": "gpt-4o"}, {}),
    ({"model": "gpt-4o-2024-11-20"}, {}),
    ({"method": "post"}, {}),
    ({"path": "/openai/deployments/gpt-4o/chat/completions"}, {}),
    ({"path": "/openai/*/chat/*"}, {}),
    ({"path": "*"}, {}),
    ({"header": {"X-Team": "red"}}, {"headers": {"x-team": "red"}}),
    ({"header": {"x-team": ["blue", "red"]}}, {"headers": {"x-team": "red"}}),
    ({"header": {"x-number": 5}}, {"headers": {"x-number": "5"}}),
    ({"contains": "ell"}, {}),
    ({"contains": ["nothing", "ell"]}, {}),
    ({"matches": "(?i)^HELLO$"}, {}),
    ({"any_message": {"contains": "rules"}}, {"messages": True}),
    ({"any_message": {"matches": "^Follow"}}, {"messages": True}),
    ({"tool": "find"}, {"tools": TOOLS}),
    ({"stream": False}, {}),
    ({"body": {"/user": "Ann"}}, {"user": "Ann"}),
    ({"body": {"/user": ["Bob", "Ann"]}}, {"user": "Ann"}),
    ({"body": {"/messages/0/role": "user", "/max_tokens": 5.0}}, {"max_tokens": 5}),
    ({"body": {"/metadata": {"a": "b"}}}, {"metadata": {"a": "b"}, "store": True}),
    ({"resource": "127"}, {}),
]
OTHERS: list[dict[str, Any]] = [
    {"operation": "responses"},
    {"deployment": "gpt-4"},
    {"model": "o3"},
    {"method": "GET"},
    {"path": "/openai/*/embeddings"},
    {"path": "/openai"},
    {"path": "/openai/deployments/gpt-4o/chat/completions*x"},
    {"header": {"x-none": "1"}},
    {"contains": "hello"},
    {"matches": "^ello"},
    {"any_message": {"contains": "rules"}},
    {"tool": "find"},
    {"tool_result": "find"},
    {"stream": True},
    {"body": {"/user": "Ann"}},
    {"body": {"/messages/1": None}},
    {"body": {"/messages/x/role": "user"}},
    {"contains": "Hello", "deployment": "gpt-4"},
    {"resource": "sweden"},
]
CONVERSATION = [
    {"role": "system", "content": "Follow the rules."},
    {"role": "user", "content": "Hello"},
]


@pytest.mark.parametrize(("when", "members"), MATCHING)
def test_a_rule_decides_on_a_request_that_it_matches(
    host: Host, when: dict[str, Any], members: dict[str, Any]
) -> None:
    host.put({"when": when, "reply": "matched"})
    if "messages" in members:
        members = {"messages": CONVERSATION}
    assert host.said(**members) == "matched"


@pytest.mark.parametrize("when", OTHERS)
def test_a_rule_lets_a_request_pass_that_it_does_not_match(
    host: Host, when: dict[str, Any]
) -> None:
    host.put({"when": when, "reply": "matched"})
    assert host.said() != "matched"


def test_the_text_of_a_chat_is_its_last_user_message(host: Host) -> None:
    host.put({"when": {"contains": "Hello"}, "reply": "matched"})
    later = [*CONVERSATION, {"role": "user", "content": [{"type": "text", "text": "Bye"}]}]
    assert host.said(messages=later) != "matched"


def test_the_result_of_a_tool_is_known_by_its_name(host: Host) -> None:
    host.put({"when": {"tool_result": "find"}, "reply": "matched"})
    call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "found"},
    ]
    assert host.said(messages=messages) == "matched"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("embeddings", {"model": "text-embedding-3-small", "input": ["a", "Hello"]}),
        ("images/generations", {"model": "gpt-image-1", "prompt": "Hello"}),
        ("audio/speech", {"model": "tts", "input": "Hello", "voice": "alloy"}),
    ],
)
def test_other_operations_have_a_text_too(host: Host, path: str, body: dict[str, Any]) -> None:
    host.put({"name": "seen", "when": {"contains": "Hello"}, "latency": {"factor": 0}})
    assert host.http.post(f"/openai/v1/{path}", json=body).headers["x-simulator-rule"] == "seen"


def test_an_expression_without_end_is_given_up(host: Host) -> None:
    host.put(*({"when": {"matches": f"^(a|a|{n})+$"}, "reply": "matched"} for n in range(50)))
    began = time.monotonic()
    assert host.said("a" * 40 + "b") != "matched"
    assert time.monotonic() - began < 2


def test_texts_that_are_hard_to_find_are_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """Each takes ten milliseconds, and ten thousand of them a minute and a half."""
    call = cast("Call[Any]", None)
    subject = Subject(call, RequestSummary("x" * 10**6), Budget(time.thread_time, 0.05))
    found = [
        subject.contains(["x" * 245 + "y" + "x" * 200], (subject.last_message,))
        for _ in range(10_000)
    ]
    assert not any(found)
    assert caplog.text.count("took the rules too long") == 1


def test_a_long_text_is_searched() -> None:
    subject = Subject(
        cast("Call[Any]", None), RequestSummary("x" * 10**5 + "y"), Budget(lambda: 0.0, 1)
    )
    assert subject.contains(["z", "xy"], (subject.last_message,))
    assert not subject.contains(["yx"], (subject.last_message,))
