"""The content filter on chats with models of other makers, whose 400 is a completion."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.app import Simulator
from tests.conftest import API_VERSION, KEY, MakeSimulator
from tests.support.asking import Reply, ask

DEPLOYED = {"v4": {"model": "DeepSeek-V4-Pro"}, "grok": {"model": "grok-4-1-fast-reasoning"}}


@pytest.fixture(scope="module")
def foundry(make_simulator: MakeSimulator, tmp_path_factory: pytest.TempPathFactory) -> Simulator:
    file: Path = tmp_path_factory.mktemp("foundry") / "deployments.json"
    file.write_text(json.dumps(DEPLOYED))
    return make_simulator(deployments_path=str(file))


async def ruled(foundry: Simulator, model: str, rule: dict[str, Any], text: str = "Hello") -> Reply:
    body = {"messages": [{"role": "user", "content": text}], "max_completion_tokens": 20}
    headers = {"api-key": KEY}
    if rule:
        headers["x-simulator-rule"] = json.dumps({"filter": rule})
    path = f"/openai/deployments/{model}/chat/completions"
    return await ask(foundry, path, body, query=f"api-version={API_VERSION}", headers=headers)


def choice(message: str) -> dict[str, object]:
    return {
        "index": 0,
        "message": {"role": "assistant", "content": ""},
        "finish_reason": "content_filter",
        "content_filter_results": {"error": {"code": "content_filter", "message": message}},
    }


@pytest.mark.parametrize(
    ("category", "label"),
    [
        ("violence", "MultiSeverity_ViolenceScore"),
        ("sexual", "MultiSeverity_SexualScore"),
        ("jailbreak", "Jailbreak"),
    ],
)
@pytest.mark.parametrize("model", DEPLOYED)
async def test_a_blocked_prompt_is_a_completion_of_no_model(
    foundry: Simulator, model: str, category: str, label: str
) -> None:
    reply = await ruled(foundry, model, {"prompt": {category: True}})
    body = reply.json
    assert reply.status == 400
    members = ["id", "model", "choices", "usage", "created", "object", "prompt_filter_results"]
    assert list(body) == members
    assert (body["model"], body["object"]) == ("", "chat.completion")
    assert body["choices"] == [choice(f"Response content blocked by label '{label}'.")]
    assert list(body["usage"]) == ["prompt_tokens", "total_tokens"]
    assert body["usage"]["prompt_tokens"] > 0


async def test_a_trigger_blocks_as_well(foundry: Simulator) -> None:
    reply = await ruled(foundry, "v4", {}, "Hello [[filter:jailbreak]]")
    assert reply.status == 400
    assert reply.json["choices"][0]["finish_reason"] == "content_filter"


async def test_a_blocked_answer_names_its_model(foundry: Simulator) -> None:
    reply = await ruled(foundry, "v4", {"completion": {"violence": True, "after_tokens": 3}})
    body = reply.json
    assert reply.status == 400
    assert body["choices"] == [choice("ResponsibleAI result indicated block action.")]
    assert body["model"] == "deepseek-v4-pro"
    assert body["usage"]["completion_tokens"] > 0


async def test_what_is_annotated_alone_passes(foundry: Simulator) -> None:
    reply = await ruled(foundry, "v4", {"annotate": {"completion": {"violence": "low"}}})
    assert reply.status == 200
    results = reply.json["choices"][0]["content_filter_results"]
    assert results["violence"] == {"filtered": False, "severity": "low"}
