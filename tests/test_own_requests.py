"""Requests that the simulator sends to itself for a caller, such as the lines of a batch."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.authentication.caller import Caller
from simulator.messages import Request
from tests.conftest import MakeSimulator
from tests.support.asking import ask

CALLER = Caller("nightly", "user")
ONE = {"one": {"model": "gpt-4o", "tokensPerMinute": 1_000_000, "requestsPerMinute": 1}}


@pytest.fixture
def simulator(make_simulator: MakeSimulator, tmp_path: Path) -> Simulator:
    path = tmp_path / "deployments.json"
    path.write_text(json.dumps(ONE))
    # Were these waited for, the test would not end.
    return make_simulator(
        deployments_path=str(path), allow_undefined_deployments=False, chat_completions_mean=1e9
    )


def chat(text: str = "Hello", **more: Any) -> Request:
    body = {"model": "one", "messages": [{"role": "user", "content": text}]} | more
    return Request("POST", "/openai/v1/chat/completions", body=json.dumps(body).encode())


async def test_they_are_neither_limited_nor_waited_for(simulator: Simulator) -> None:
    for _ in range(3):
        answer = await simulator.own(chat(), CALLER)
        assert answer.status == 200
        assert json.loads(answer.body)["object"] == "chat.completion"
    listed = (await ask(simulator, "/++/requests", method="GET", query="")).json["requests"]
    newest = listed[0]
    assert (newest["key"], newest["status"], newest["id"]) == ("nightly", 200, answer.request_id)
    assert len(listed) == 3


async def test_rules_and_checks_decide_on_them(simulator: Simulator) -> None:
    rules = {
        "rules": [
            {"name": "busy", "when": {"contains": "busy"}, "fault": {"kind": "unavailable"}},
            {"name": "cut", "when": {"contains": "cut"}, "fault": {"kind": "disconnect"}},
        ]
    }
    assert (await ask(simulator, "/++/rules", rules, query="")).status < 300
    assert (await simulator.own(chat("busy"), CALLER)).status == 503
    assert (await simulator.own(chat("cut"), CALLER)).broken
    assert (await simulator.own(chat(temperature="hot"), CALLER)).status == 400
    assert (await simulator.own(chat(model="two"), CALLER)).status == 404
    assert (await simulator.own(Request("POST", "/openai/v1/nothing"), CALLER)).status == 404
