"""Resources of a fleet: their addresses, keys, deployments, limits, rules and names."""

import json
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from simulator.assembly.followed import FollowedFileError
from tests.conftest import API_VERSION, KEY, MakeSimulator, Serve
from tests.fleet.conftest import CHAT, ONE, TWO_REGIONS, MakeWorld
from tests.support.asking import ask


def fleet_file(folder: Path, fleet: dict[str, Any]) -> str:
    path = folder / "fleet.json"
    path.write_text(json.dumps(fleet), encoding="utf-8")
    return str(path)


@pytest.fixture
def url(serve: Serve, tmp_path: Path) -> str:
    return serve(fleet_path=fleet_file(tmp_path, TWO_REGIONS), allow_undefined_deployments=False)


@pytest.mark.parametrize(
    ("resource", "region"), [("swedencentral", "Sweden Central"), ("eastus2", "East US 2")]
)
def test_a_client_of_azure_reaches_a_resource_by_its_path(
    url: str, resource: str, region: str
) -> None:
    endpoint = f"{url}/resources/{resource}"
    with openai.AzureOpenAI(
        azure_endpoint=endpoint, api_key=KEY, api_version=API_VERSION, max_retries=0
    ) as client:
        answer = client.chat.completions.with_raw_response.create(model="chat", **CHAT)
    assert answer.headers["x-ms-region"] == region
    assert answer.parse().choices[0].message.content


def test_a_client_of_the_v1_routes_reaches_a_resource_by_its_path(url: str) -> None:
    with openai.OpenAI(
        base_url=f"{url}/resources/swedencentral/openai/v1", api_key=KEY, max_retries=0
    ) as client:
        answer = client.responses.with_raw_response.create(model="chat", input="Hello")
        assert answer.headers["x-ms-region"] == "Sweden Central"
        stored = answer.parse().id
        assert client.responses.retrieve(stored).id == stored


@pytest.mark.parametrize(
    "host", ["swedencentral.localhost", "SwedenCentral.openai.azure.com:443", "swedencentral"]
)
def test_a_resource_is_reached_by_the_first_label_of_the_hosts_name(url: str, host: str) -> None:
    answer = httpx2.post(
        f"{url}/openai/deployments/chat/chat/completions?api-version={API_VERSION}",
        json=CHAT,
        headers={"api-key": KEY, "host": host},
    )
    assert (answer.status_code, answer.headers["x-ms-region"]) == (200, "Sweden Central")


async def test_a_path_decides_before_the_hosts_name(make_world: MakeWorld) -> None:
    world = make_world(TWO_REGIONS)
    path = "/resources/EastUS2/openai/deployments/chat/chat/completions"
    headers = {"api-key": KEY, "host": "swedencentral.localhost"}
    reply = await ask(world.simulator, path, CHAT, headers=headers)
    assert reply.headers["x-ms-region"] == "East US 2"


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/resources/swedncentral/openai/deployments/chat/chat/completions", "swedencentral"),
        (
            "/resources/mars/openai/deployments/chat/chat/completions",
            "it has swedencentral, eastus2",
        ),
        (
            "/openai/deployments/chat/chat/completions",
            "(swedencentral, eastus2); begin its path with",
        ),
    ],
)
async def test_a_request_to_no_resource_is_not_found_and_says_why(
    make_world: MakeWorld, path: str, hint: str
) -> None:
    reply = await ask(make_world(TWO_REGIONS).simulator, path, CHAT)
    assert reply.status == 404
    assert reply.json["error"]["message"] == "Resource not found"
    assert hint in reply.headers["x-simulator-hint"]


@pytest.mark.parametrize("change", [{"tokens_per_minute": 5}, None])
async def test_a_deployment_of_the_file_is_not_changed_at_run_time(
    make_world: MakeWorld, change: dict[str, int] | None
) -> None:
    simulator = make_world(TWO_REGIONS).simulator
    body = {"openai_deployments": {"chat": change}}
    reply = await ask(simulator, "/++/config", body, method="PATCH", query="")
    assert reply.status == 400
    assert "'chat' is a deployment of the fleet" in reply.json["error"]["message"]


async def test_a_deployment_beside_those_of_the_file_is_added_at_run_time(
    make_world: MakeWorld,
) -> None:
    simulator = make_world(TWO_REGIONS).simulator
    body = {"openai_deployments": {"other": {"model": "gpt-4o"}}}
    assert (await ask(simulator, "/++/config", body, method="PATCH", query="")).status == 200


async def test_management_and_health_need_no_resource(make_world: MakeWorld) -> None:
    world = make_world(TWO_REGIONS)
    for path in ("/++/health", "/++/config", "/resources/eastus2/++/requests"):
        assert (await ask(world.simulator, path, method="GET", query="")).status == 200


async def test_without_a_fleet_a_path_of_resources_leads_nowhere(
    make_simulator: MakeSimulator,
) -> None:
    path = "/resources/swedencentral/openai/deployments/gpt-4o/chat/completions"
    assert (await ask(make_simulator(), path, CHAT)).status == 404


async def test_a_resource_with_keys_takes_these_alone(make_world: MakeWorld) -> None:
    fleet = {"resources": {"a": {"deployments": ONE, "keys": ["first", "second"]}, "b": {}}}
    world = make_world(fleet)
    path = "/resources/a/openai/deployments/chat/chat/completions"
    v1 = "/resources/a/openai/v1/chat/completions"

    async def status(path: str, headers: dict[str, str]) -> int:
        body = {**CHAT, "model": "chat"}
        query = "" if "/v1/" in path else f"api-version={API_VERSION}"
        reply = await ask(world.simulator, path, body, headers=headers, query=query)
        return reply.status

    assert await status(path, {"api-key": "first"}) == 200
    assert await status(v1, {"authorization": "Bearer second"}) == 200
    assert await status(path, {"api-key": KEY}) == 401
    assert await status(v1, {"authorization": f"Bearer {KEY}"}) == 401
    of_b = "/resources/b/openai/deployments/gpt-4o/chat/completions"
    assert await status(of_b, {"api-key": "first"}) == 401
    assert await status(of_b, {"api-key": KEY}) == 200


@pytest.mark.parametrize("header", ["api-key", "authorization"])
async def test_the_key_of_another_resource_is_refused_with_the_reason(
    make_world: MakeWorld, header: str
) -> None:
    world = make_world({"resources": {"a": {"deployments": ONE, "keys": ["first"]}}})
    key = KEY if header == "api-key" else f"Bearer {KEY}"
    path = "/resources/a/openai/deployments/chat/chat/completions"
    reply = await ask(world.simulator, path, CHAT, headers={header: key})
    assert reply.status == 401
    assert "none of the keys of this resource of the fleet" in reply.headers["x-simulator-hint"]


async def test_the_key_of_a_resource_does_not_open_the_simulators_own_routes(
    make_world: MakeWorld,
) -> None:
    world = make_world({"resources": {"a": {"deployments": ONE, "keys": ["first"]}}})
    for path in ("/++/config", "/resources/a/++/config"):
        reply = await ask(
            world.simulator, path, method="GET", query="", headers={"api-key": "first"}
        )
        assert reply.status == 401


async def test_limits_are_each_resources_own(make_world: MakeWorld) -> None:
    limited = {"chat": {"model": "gpt-4o", "requestsPerMinute": 1}}
    fleet = {
        "resources": {
            "a": {"region": "Sweden Central", "deployments": limited},
            "b": {"region": "Poland Central", "deployments": limited},
        }
    }
    world = make_world(fleet)
    assert [(await world.chat("a")).status for _ in range(2)] == [200, 429]
    assert (await world.chat("b")).status == 200
    refused = await world.chat("b")
    assert refused.status == 429
    assert "in Poland Central have exceeded" in refused.json["error"]["message"]


async def test_a_resource_without_deployments_has_those_of_the_start(
    make_world: MakeWorld,
) -> None:
    world = make_world({"resources": {"a": {}, "b": {"deployments": ONE}}})
    assert (await world.chat("a", "gpt-35-turbo-1k-token", max_tokens=900)).status == 200
    assert (await world.chat("a", "gpt-35-turbo-1k-token", max_tokens=900)).status == 429
    assert (await world.chat("b", "gpt-35-turbo-1k-token")).status == 404
    assert (await world.chat("a", "chat")).status == 404


async def test_rules_of_a_resource_are_for_it_alone(make_world: MakeWorld) -> None:
    fleet = {
        "resources": {
            "a": {"deployments": ONE, "rules": [{"fault": {"kind": "unavailable"}, "times": 1}]},
            "b": {"deployments": ONE, "rules": [{"reply": "Of b."}]},
        }
    }
    world = make_world(fleet)
    assert [(await world.chat("a")).status for _ in range(2)] == [503, 200]
    answer = (await world.chat("b")).json["choices"][0]["message"]["content"]
    assert answer == "Of b."
    listed = (await world.manage("rules"))["rules"]
    assert [(one["source"], one["when"], one["acted"]) for one in listed] == [
        ("fleet", {"resource": "a"}, 1),
        ("fleet", {"resource": "b"}, 1),
    ]


async def test_rules_of_others_know_resources_by_name(make_world: MakeWorld) -> None:
    world = make_world(TWO_REGIONS)
    rule = {"rules": [{"when": {"resource": "eastus2"}, "reply": "East."}]}
    await ask(world.simulator, "/++/rules", rule, query="")
    answers = [await world.chat(name) for name in ("eastus2", "swedencentral")]
    texts = [one.json["choices"][0]["message"]["content"] for one in answers]
    assert texts[0] == "East." != texts[1]


async def test_a_stored_response_is_known_to_its_resource_alone(make_world: MakeWorld) -> None:
    world = make_world(TWO_REGIONS)

    async def respond(resource: str, **members: Any) -> Any:
        path = f"/resources/{resource}/openai/v1/responses"
        body = {"model": "chat", "input": "Hello", **members}
        return (await ask(world.simulator, path, body, query="")).json

    first = (await respond("eastus2"))["id"]
    assert (await respond("eastus2", previous_response_id=first))["status"] == "completed"
    elsewhere = await respond("swedencentral", previous_response_id=first)
    assert elsewhere["error"]["code"] == "previous_response_not_found"


async def test_an_address_in_an_answer_leads_back_to_the_resource(make_world: MakeWorld) -> None:
    deployments = {"dalle": {"model": "dall-e-3"}}
    world = make_world({"resources": {"a": {"deployments": deployments}}})
    path = "/resources/a/openai/deployments/dalle/images/generations"
    reply = await ask(
        world.simulator, path, {"prompt": "A fox"}, headers={"api-key": KEY, "host": "sim"}
    )
    url = httpx2.URL(reply.json["data"][0]["url"])
    assert url.path.startswith("/resources/a/private/images/")
    query = url.query.decode()
    image = await ask(world.simulator, url.path, method="GET", query=query, headers={})
    assert image.body.startswith(b"\x89PNG")


async def test_journal_and_costs_say_which_resource(make_world: MakeWorld) -> None:
    world = make_world(TWO_REGIONS)
    for name in ("eastus2", "swedencentral", "eastus2"):
        await world.chat(name)
    newest = (await world.manage("requests"))["requests"]
    assert [one["resource"] for one in newest] == ["eastus2", "swedencentral", "eastus2"]
    reply = await ask(world.simulator, "/++/requests", method="GET", query="resource=swedencentral")
    assert [one["resource"] for one in reply.json["requests"]] == ["swedencentral"]
    rows = (await world.manage("costs"))["rows"]
    assert [(row["resource"], row["requests"]) for row in rows] == [
        ("eastus2", 2),
        ("swedencentral", 1),
    ]


async def test_metrics_say_which_resource(make_world: MakeWorld) -> None:
    world = make_world(TWO_REGIONS, metrics_prometheus=True)
    await world.chat("eastus2")
    reply = await ask(world.simulator, "/++/metrics", method="GET", query="")
    lines = [line for line in reply.body.decode().splitlines() if 'resource="eastus2"' in line]
    assert any("requests_total" in line for line in lines)
    assert any("tokens_used" in line for line in lines)
    assert any("time_to_first_token" in line or "duration" in line for line in lines)


async def test_a_changed_file_is_in_force_and_a_bad_one_changes_nothing(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world({"resources": {"a": {"deployments": ONE}}})
    assert (await world.chat("a")).status == 200
    world.write({"resources": {"a": {"deployments": ONE}, "late": {"deployments": ONE}}})
    world.clock.now += 2
    assert (await world.chat("late")).status == 200
    world.write('{"resources": {"a": {"regoin": "x"}}}')
    world.clock.now += 2
    assert (await world.chat("late")).status == 200
    assert "did you mean 'region'?" in caplog.text


async def test_what_was_used_stays_used_when_the_file_changes(make_world: MakeWorld) -> None:
    def fleet(requests: int) -> dict[str, Any]:
        entry = {"model": "gpt-4o", "requestsPerMinute": requests}
        return {"resources": {"a": {"deployments": {"chat": entry}}}}

    world = make_world(fleet(1))
    assert (await world.chat("a")).status == 200
    world.write(fleet(2))
    world.clock.now += 11
    assert [(await world.chat("a")).status for _ in range(2)] == [200, 429]


def test_a_bad_file_stops_the_start_with_one_line(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    path = fleet_file(tmp_path, {"resources": {"a": {"deployments": {"c": {"model": "gpt-4p"}}}}})
    with pytest.raises(FollowedFileError) as caught:
        make_simulator(fleet_path=path)
    line = str(caught.value)
    assert line.startswith(f"FLEET_PATH: {path}: resource 'a': deployment \"c\": model: ")
    assert "\n" not in line


def test_a_file_that_is_not_there_stops_the_start(make_simulator: MakeSimulator) -> None:
    with pytest.raises(FollowedFileError, match="nowhere"):
        make_simulator(fleet_path="nowhere.json")


async def test_a_fleet_in_a_blob_is_read_with_the_first_request(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    simulator = make_simulator(fleet_path="blob:fleet.json", recording_dir=str(tmp_path))
    path = "/resources/eastus2/openai/deployments/chat/chat/completions"
    assert (await ask(simulator, path, CHAT)).status == 503
    assert (await ask(simulator, "/++/health", method="GET", query="")).status == 200
    (tmp_path / "fleet.json").write_text(json.dumps(TWO_REGIONS), encoding="utf-8")
    other = make_simulator(fleet_path="blob:fleet.json", recording_dir=str(tmp_path))
    assert (await ask(other, path, CHAT)).status == 200
    await simulator.close()
    await other.close()


async def test_used_limits_are_shown_for_each_resource(make_world: MakeWorld) -> None:
    limited = {"chat": {"model": "gpt-4o", "tokensPerMinute": 60_000}}
    world = make_world(
        {"resources": {"b": {"deployments": limited}, "a": {"deployments": limited}}}
    )
    await world.chat("b")
    rows = (await world.manage("limits"))["limits"]
    assert [(row["resource"], row["tokens"]["used"]) for row in rows] == [("a", 0), ("b", 12)]


async def test_a_fleet_that_is_not_there_yet_makes_the_simulator_not_ready(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    simulator = make_simulator(fleet_path="blob:fleet.json", recording_dir=str(tmp_path))
    reply = await ask(simulator, "/++/ready", method="GET", query="", headers={})
    assert (reply.status, b"fleet" in reply.body) == (503, True)
    (tmp_path / "fleet.json").write_text(json.dumps(TWO_REGIONS), encoding="utf-8")
    other = make_simulator(fleet_path="blob:fleet.json", recording_dir=str(tmp_path))
    assert (await ask(other, "/++/ready", method="GET", query="", headers={})).status == 200
    await simulator.close()
    await other.close()
