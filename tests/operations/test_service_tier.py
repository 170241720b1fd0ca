"""Service tiers, as clients of chat and Responses meet them."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import all_models, find_model
from simulator.operations.service_tier import served_tier
from tests.conftest import API_VERSION, MakeSimulator
from tests.support.asking import ask

CHAT, RESPONSES = "/openai/v1/chat/completions", "/openai/v1/responses"
WITH_PRIORITY = {
    "gpt-4.1",
    "gpt-5.1",
    "gpt-5.2",
    "gpt-5.4",
    "gpt-5.5",
    "gpt-5.6-sol",
    "gpt-5.6-terra",
}
DEPLOYMENTS: dict[str, Any] = {
    "plain": {"model": "gpt-5.4"},
    "zone": {"model": "gpt-5.4", "sku": "DataZoneStandard"},
    "fast": {"model": "gpt-5.4", "sku": "GlobalStandard", "serviceTier": "priority"},
    "ptu": {"model": "gpt-5.4", "sku": "GlobalProvisionedManaged", "ptu": 50},
    "old": {"model": "gpt-4o"},
    "sol": {"model": "gpt-5.6-sol", "sku": "GlobalStandard"},
    "sol-zone": {"model": "gpt-5.6-sol", "sku": "DataZoneStandard"},
}


def body_of(path: str, deployment: str, **more: Any) -> dict[str, Any]:
    if path == CHAT:
        return {"model": deployment, "messages": [{"role": "user", "content": "Hi"}], **more}
    return {"model": deployment, "input": "Hi", **more}


@pytest.fixture
def simulator(make_simulator: MakeSimulator, tmp_path: Path) -> Any:
    file = tmp_path / "deployments.json"
    file.write_text(json.dumps(DEPLOYMENTS))
    return make_simulator(deployments_path=str(file))


SERVED = [
    ("plain", None, "default"),
    ("plain", "auto", "default"),
    ("plain", "default", "default"),
    ("plain", "priority", "priority"),
    ("zone", "priority", "priority"),
    ("fast", None, "priority"),
    ("fast", "auto", "priority"),
    ("fast", "default", "default"),
    ("ptu", "priority", "default"),
    ("old", "priority", "default"),
    ("sol", "priority", "priority"),
    ("sol", "flex", "flex"),
]


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
@pytest.mark.parametrize(("deployment", "asked", "served"), SERVED)
async def test_the_answer_says_which_tier_served_it(
    simulator: Any, path: str, deployment: str, asked: str | None, served: str
) -> None:
    body = body_of(path, deployment, **({} if asked is None else {"service_tier": asked}))
    assert (await ask(simulator, path, body, query="")).json["service_tier"] == served


@pytest.mark.parametrize(("path", "first"), [(CHAT, "priority"), (RESPONSES, "priority")])
async def test_a_stream_says_it_too(simulator: Any, path: str, first: str) -> None:
    reply = await ask(
        simulator, path, body_of(path, "plain", service_tier="priority", stream=True), query=""
    )
    datas = [line[6:] for line in reply.body.decode().splitlines() if line.startswith("data: {")]
    tiers = [
        found
        for data in map(json.loads, datas)
        if (found := data.get("response", data).get("service_tier"))
    ]
    assert tiers[0] == first
    assert tiers[-1] == "priority"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_the_journal_and_the_costs_know_the_tier(
    simulator: Any, path: str, stream: bool
) -> None:
    for tier in ("priority", "flex"):
        body = body_of(path, "sol", service_tier=tier, stream=stream)
        assert (await ask(simulator, path, body, query="")).status == 200
    journal = await ask(simulator, "/++/requests", method="GET", query="")
    found = [one["service_tier"] for one in journal.json["requests"]]
    assert found == ["flex", "priority"]


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
@pytest.mark.parametrize("deployment", ["plain", "old", "ptu", "sol-zone"])
async def test_flex_is_refused_where_it_is_not_available(
    simulator: Any, path: str, deployment: str
) -> None:
    reply = await ask(simulator, path, body_of(path, deployment, service_tier="flex"), query="")
    assert reply.status == 400
    error = reply.json["error"]
    assert (error["type"], error["param"]) == ("invalid_request_error", "service_tier")
    assert "does not support 'flex' with this model" in error["message"]


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_an_unknown_tier_is_refused(simulator: Any, path: str) -> None:
    reply = await ask(simulator, path, body_of(path, "plain", service_tier="fastest"), query="")
    assert reply.status == 400
    assert reply.json["error"]["param"] == "service_tier"
    assert "'auto', 'default', 'flex', and 'priority'" in reply.json["error"]["message"]


def test_the_models_with_priority_are_those_of_the_page() -> None:
    found = {
        model.name
        for model in all_models()
        if served_tier("priority", model, Deployment("a", model), prompt_tokens=9) == "priority"
    }
    assert found == WITH_PRIORITY


@pytest.mark.parametrize(
    ("name", "served"), [("gpt-4.1", "default"), ("gpt-5.4", "default"), ("gpt-5.5", "priority")]
)
def test_some_models_serve_long_prompts_by_default(name: str, served: str) -> None:
    model = find_model(name)
    deployment = Deployment(name, model)
    assert served_tier("priority", model, deployment, prompt_tokens=128_001) == served
    assert served_tier("priority", model, deployment, prompt_tokens=128_000) == "priority"


async def test_chat_on_a_deployments_route_says_it(simulator: Any) -> None:
    reply = await ask(
        simulator,
        "/openai/deployments/plain/chat/completions",
        body_of(CHAT, "plain", service_tier="priority"),
        query=f"api-version={API_VERSION}",
    )
    assert reply.json["service_tier"] == "priority"
