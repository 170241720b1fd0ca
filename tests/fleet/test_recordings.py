"""Recordings of a fleet: made of each resource's own upstream, kept and found by resource."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from simulator.fleet.document import read_fleet
from simulator.fleet.errors import FleetError
from tests.conftest import MakeSimulator
from tests.fleet.conftest import CHAT, ONE, MakeWorld, World
from tests.support.asking import Reply, ask
from tests.support.fake_upstream import Asked, Connection, FakeUpstream, running_upstream

SHARED_KEY = "key-of-the-setting"
# The clock of these worlds stands, so that nothing may wait.
REPLAY: dict[str, Any] = {"mode": "replay", "replay_speed": 0.0}


async def recognisable(name: str, writer: Connection, asked: Asked) -> None:
    del asked
    body = {"choices": [{"index": 0, "message": {"role": "assistant", "content": name}}]}
    await writer.whole(json.dumps(body).encode())


@pytest.fixture
async def upstreams() -> AsyncIterator[dict[str, FakeUpstream]]:
    async with AsyncExitStack() as stack:
        found = {
            name: await stack.enter_async_context(running_upstream())
            for name in ("a", "b", "shared")
        }
        for name, upstream in found.items():

            async def answer(writer: Connection, asked: Asked, name: str = name) -> None:
                await recognisable(name, writer, asked)

            upstream.behaviours["completions"] = answer
        yield found


def fleet_of(upstreams: dict[str, FakeUpstream]) -> dict[str, Any]:
    """Two resources with an upstream of their own, and one without."""
    own = {
        name: {
            "deployments": ONE,
            "upstream": {"endpoint": f"{upstreams[name].endpoint}/openai/v1", "key": f"key-{name}"},
        }
        for name in ("a", "b")
    }
    return {"resources": {**own, "c": {"deployments": ONE}}}


def text_of(reply: Reply) -> str:
    return reply.json["choices"][0]["message"]["content"]


async def answers(world: World, *resources: str) -> list[str]:
    return [text_of(await world.chat(name)) for name in resources]


def recording(folder: Path, upstreams: dict[str, FakeUpstream]) -> dict[str, Any]:
    return {
        "mode": "record",
        "recording_dir": str(folder),
        "upstream_endpoint": upstreams["shared"].endpoint,
        "upstream_key": SHARED_KEY,
    }


@pytest.fixture
async def recorded(
    make_world: MakeWorld, upstreams: dict[str, FakeUpstream], tmp_path: Path
) -> dict[str, Any]:
    """The settings that replay what was recorded of all three resources."""
    folder = tmp_path / "recordings"
    world = make_world(fleet_of(upstreams), **recording(folder, upstreams))
    assert await answers(world, "a", "b", "c") == ["a", "b", "shared"]
    await world.simulator.close()
    return {**REPLAY, "recording_dir": str(folder)}


async def test_each_resource_is_recorded_of_its_own_upstream_with_its_own_key(
    recorded: dict[str, Any], upstreams: dict[str, FakeUpstream]
) -> None:
    keys = {name: [one.headers["api-key"] for one in up.asked] for name, up in upstreams.items()}
    assert keys == {"a": ["key-a"], "b": ["key-b"], "shared": [SHARED_KEY]}
    targets = {one.target for up in upstreams.values() for one in up.asked}
    assert all(target.startswith("/openai/deployments/chat/") for target in targets)


async def test_a_recording_is_found_by_its_resource(
    recorded: dict[str, Any], make_world: MakeWorld, upstreams: dict[str, FakeUpstream]
) -> None:
    world = make_world(fleet_of(upstreams), **recorded)
    assert await answers(world, "b", "a", "c", "b") == ["b", "a", "shared", "b"]
    await world.simulator.close()


async def test_the_list_and_the_document_say_which_resource(
    recorded: dict[str, Any], make_world: MakeWorld, upstreams: dict[str, FakeUpstream]
) -> None:
    world = make_world(fleet_of(upstreams), **recorded)
    query = "route=v1/chat/chat-completions/"
    found = (await ask(world.simulator, "/++/recordings", method="GET", query=query)).json
    listed = {one["resource"]: one["name"] for one in found["recordings"]}
    assert set(listed) == {"a", "b", "c"}
    document = json.loads((Path(recorded["recording_dir"]) / listed["b"]).read_text())
    assert document["request"]["resource"] == "b"
    assert "key-b" not in json.dumps(document)
    await world.simulator.close()


async def test_a_miss_names_the_recording_of_another_resource(
    recorded: dict[str, Any], make_world: MakeWorld, upstreams: dict[str, FakeUpstream]
) -> None:
    fleet = fleet_of(upstreams)
    fleet["resources"]["d"] = {"deployments": ONE}
    world = make_world(fleet, **recorded)
    reply = await world.chat("d")
    assert reply.status == 404
    assert "what differs is resource: asked d, recorded " in reply.json["error"]["message"]
    await world.simulator.close()


async def test_recordings_made_without_a_fleet_answer_all_its_resources(
    make_world: MakeWorld,
    make_simulator: MakeSimulator,
    upstreams: dict[str, FakeUpstream],
    tmp_path: Path,
) -> None:
    folder = tmp_path / "recordings"
    simulator = make_simulator(**recording(folder, upstreams), allow_undefined_deployments=True)
    reply = await ask(simulator, "/openai/deployments/chat/chat/completions", CHAT)
    assert text_of(reply) == "shared"
    await simulator.close()
    world = make_world(fleet_of(upstreams), **REPLAY, recording_dir=str(folder))
    assert await answers(world, "a", "c") == ["shared", "shared"]
    await world.simulator.close()


async def test_a_resource_without_any_upstream_says_so(
    make_world: MakeWorld, upstreams: dict[str, FakeUpstream], tmp_path: Path
) -> None:
    settings = {**recording(tmp_path, upstreams), "upstream_endpoint": "", "upstream_key": ""}
    world = make_world(fleet_of(upstreams), **settings)
    assert await answers(world, "a") == ["a"]
    reply = await world.chat("c")
    assert reply.status == 502
    assert "AZURE_OPENAI_ENDPOINT is not set" in reply.json["error"]["message"]
    await world.simulator.close()


@pytest.mark.parametrize(
    ("upstream", "problem"),
    [
        ({"endpoint": "x.openai.azure.com"}, "resource 'a': upstream.endpoint: "),
        ({"endpont": "https://x"}, "did you mean 'endpoint'?"),
        ({}, "resource 'a': upstream: "),
        ({"endpoint": "https://x", "key": ""}, "resource 'a': upstream.key: "),
    ],
)
def test_an_upstream_that_is_not_allowed_is_refused_with_its_place(
    upstream: dict[str, Any], problem: str
) -> None:
    with pytest.raises(FleetError) as refused:
        read_fleet(json.dumps({"resources": {"a": {"upstream": upstream}}}).encode())
    assert problem in str(refused.value)
