"""The deployments of a project of Foundry (the client over TLS: tests/clients/test_tokens_over_tls.py)."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from azure.ai.projects.models import Deployment, ModelDeployment

from simulator.app import Simulator
from simulator.operations import project_deployments
from tests.conftest import KEY, MakeSimulator
from tests.fleet.test_resources import fleet_file
from tests.support.asking import Reply, ask

MOST = project_deployments.MOST
DEPLOYED: dict[str, Any] = {
    "chat": {"model": "gpt-4o", "tokensPerMinute": 10_000, "sku": "GlobalStandard"},
    "batches": {"model": "gpt-4o", "sku": "GlobalBatch", "enqueuedTokens": 5_000_000},
    "reserved": {"model": "gpt-4o-mini", "sku": "GlobalProvisionedManaged", "ptu": 15},
    "paint": {"model": "gpt-image-2", "requestsPerMinute": 9},
    "vectors": {"model": "text-embedding-3-small", "tokensPerMinute": 500},
    "old": {"model": "gpt-35-turbo-instruct"},
    "codex": {"model": "gpt-5-codex"},
    "voice": {"model": "tts"},
    "sonnet": {"model": "claude-sonnet-4-5"},
}
CHATS = {"chat_completion": "true", "completion": "false"}
CHAT: dict[str, Any] = {
    "name": "chat",
    "type": "ModelDeployment",
    "modelName": "gpt-4o",
    "modelVersion": "2024-11-20",
    "modelPublisher": "OpenAI",
    "capabilities": CHATS,
    "sku": {"name": "GlobalStandard", "capacity": 10},
}


def written(folder: Path, name: str, document: object) -> str:
    path = folder / name
    path.write_text(json.dumps(document))
    return str(path)


@pytest.fixture
def simulator(make_simulator: MakeSimulator, tmp_path: Path) -> Simulator:
    return make_simulator(
        deployments_path=written(tmp_path, "deployments.json", DEPLOYED),
        allow_undefined_deployments=False,
    )


async def get(
    simulator: Simulator, name: str = "", query: str = "api-version=v1", **more: Any
) -> Reply:
    prefix, below = more.pop("prefix", ""), f"/{name}" if name else ""
    path = f"{prefix}/api/projects/mine/deployments{below}"
    return await ask(simulator, path, method="GET", query=query, **more)


async def names(simulator: Simulator, query: str = "", **more: Any) -> list[str]:
    reply = await get(simulator, query=f"api-version=v1&{query}", **more)
    assert reply.status == 200, reply.body
    assert list(reply.json) == ["value"]
    return [one["name"] for one in reply.json["value"]]


async def test_all_are_listed_by_their_names_as_one_is_shown(simulator: Simulator) -> None:
    listed = (await get(simulator)).json["value"]
    assert [one["name"] for one in listed] == sorted(DEPLOYED)
    assert CHAT in listed
    for one in listed:
        assert (await get(simulator, one["name"])).json == one
        typed = Deployment._deserialize(one, [])
        assert isinstance(typed, ModelDeployment)
        assert (typed.sku.name, typed.sku.capacity) == tuple(one["sku"].values())


@pytest.mark.parametrize(
    ("name", "capabilities", "capacity"),
    [
        ("chat", CHATS, 10),
        ("batches", CHATS, 5_000),
        ("reserved", CHATS, 15),
        ("paint", {}, 9),
        ("voice", {}, 1),
        ("vectors", {"embeddings": "true"}, 1),
        ("old", {"chat_completion": "false", "completion": "true"}, 1),
        ("codex", CHATS, 1),
        ("sonnet", CHATS, 1),
    ],
)
async def test_the_model_says_what_a_deployment_can_do_and_its_limit_the_capacity(
    simulator: Simulator, name: str, capabilities: object, capacity: int
) -> None:
    shown = (await get(simulator, name)).json
    assert (shown["capabilities"], shown["sku"]["capacity"]) == (capabilities, capacity)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("modelPublisher=Anthropic", ["sonnet"]),
        ("modelName=gpt-4o", ["batches", "chat"]),
        ("modelName=gpt-4o&modelPublisher=Anthropic", []),
        ("modelPublisher=nobody", []),
        ("deploymentType=ModelDeployment&modelName=tts", ["voice"]),
        ("deploymentType=Other", []),
    ],
)
async def test_a_list_is_of_what_is_asked_for(
    simulator: Simulator, query: str, expected: list[str]
) -> None:
    assert await names(simulator, query) == expected


async def test_a_long_list_has_pages(make_simulator: MakeSimulator, tmp_path: Path) -> None:
    many = {f"d-{number:04}": {"model": "gpt-4o"} for number in range(MOST + 1)}
    simulator = make_simulator(deployments_path=written(tmp_path, "many.json", many))
    first = (await get(simulator, query="api-version=v1&modelPublisher=OpenAI")).json
    assert len(first["value"]) == MOST
    link = urlsplit(first["nextLink"])
    assert link.path == "/api/projects/mine/deployments"
    assert await names(simulator, link.query) == [f"d-{MOST:04}"]


@pytest.mark.parametrize("version", ["v1", "2025-05-01", "2025-11-15-preview"])
async def test_each_release_of_the_client_has_its_api_version(
    simulator: Simulator, version: str
) -> None:
    assert (await get(simulator, "chat", f"api-version={version}")).json == CHAT


@pytest.mark.parametrize("name", ["", "chat"])
@pytest.mark.parametrize(
    ("query", "message", "hint"),
    [
        ("", "Missing required query parameter: api-version", "no api-version"),
        ("api-version=2024-10-21", "API version not supported", "'2024-10-21' is not known"),
    ],
)
async def test_another_api_version_is_refused(
    simulator: Simulator, name: str, query: str, message: str, hint: str
) -> None:
    refused = await get(simulator, name, query)
    assert refused.status == 400
    assert refused.json == {"error": {"code": "BadRequest", "message": message}}
    assert hint in refused.headers["x-simulator-hint"]


async def test_what_is_not_deployed_is_not_found(
    simulator: Simulator, make_simulator: MakeSimulator
) -> None:
    refused = await get(simulator, "chatt")
    error = {"code": "NotFound", "message": "Deployment 'chatt' not found."}
    assert (refused.status, refused.json) == (404, {"error": error})
    assert "'chat'" in refused.headers["x-simulator-hint"]
    undefined = make_simulator(allow_undefined_deployments=True)
    assert (await get(undefined, "my-gpt-4o")).json["modelName"] == "gpt-4o"
    assert "my-gpt-4o" not in await names(undefined)


async def test_a_key_sees_what_it_may_call(make_simulator: MakeSimulator, tmp_path: Path) -> None:
    keys = [
        {"name": "team", "key": "key-of-the-team", "deployments": ["chat", "paint"]},
        {"name": "reader", "key": "key-of-the-reader", "role": "reader"},
    ]
    simulator = make_simulator(
        deployments_path=written(tmp_path, "deployments.json", DEPLOYED),
        keys_path=written(tmp_path, "keys.json", {"keys": keys}),
    )
    team, reader = ({"api-key": str(one["key"])} for one in keys)
    assert await names(simulator, headers=team) == ["chat", "paint"]
    assert (await get(simulator, "chat", headers=team)).json == CHAT
    assert (await get(simulator, "sonnet", headers=team)).status == 403
    for name in ("", "chat"):
        assert (await get(simulator, name, headers=reader)).status == 403
        assert (await get(simulator, name, headers={"api-key": "no"})).status == 401
        assert (await get(simulator, name, headers={})).status == 401


async def test_a_resource_of_a_fleet_has_its_own(
    make_simulator: MakeSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_deployments, "MOST", 1)
    resources = {
        "one": {"region": "Sweden Central", "deployments": {"chat": DEPLOYED["chat"]}},
        "two": {"region": "East US 2", "deployments": DEPLOYED},
    }
    simulator = make_simulator(fleet_path=fleet_file(tmp_path, {"resources": resources}))
    headers = {"api-key": KEY, "host": "sim.example"}
    assert await names(simulator, prefix="/resources/one", headers=headers) == ["chat"]
    page = (await get(simulator, prefix="/resources/two", headers=headers)).json
    link = urlsplit(page["nextLink"])
    assert link.netloc == "sim.example"
    assert link.path == "/resources/two/api/projects/mine/deployments"
