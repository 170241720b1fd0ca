"""Keys with names, seen by clients: roles, deployments, limits, and who stands in journal and costs."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from simulator.assembly.followed import FollowedFileError
from simulator.assembly.operations import MANAGEMENT, OPERATIONS
from tests.conftest import API_VERSION, KEY, MakeSimulator, Serve
from tests.limits.conftest import redis_url
from tests.support.asking import Reply, ask, route

__all__ = ["redis_url"]

USER, READER, ADMIN = "key-of-the-user", "key-of-the-reader", "key-of-the-admin"
KEYS: list[dict[str, Any]] = [
    {"name": "user", "key": USER},
    {"name": "reader", "key": READER, "role": "reader"},
    {"name": "admin", "key": ADMIN, "role": "admin"},
]
CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}
DENIED = {
    "error": {
        "code": "PermissionDenied",
        "message": "Principal does not have access to API/Operation.",
    }
}

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(*keys)`: a file with these keys."""
    path = tmp_path / "keys.json"

    def written(*keys: object) -> str:
        path.write_text(json.dumps({"keys": keys}))
        return str(path)

    return written


async def chat(simulator: Any, key: str, deployment: str = "gpt-4o", **headers: str) -> Reply:
    path = route("chat/completions", deployment)
    return await ask(simulator, path, CHAT, headers={"api-key": key, **headers})


def test_the_client_is_let_in_with_a_key_in_either_header(serve: Serve, write: Write) -> None:
    url = serve(keys_path=write(*KEYS))
    azure = openai.AzureOpenAI(azure_endpoint=url, api_key=USER, api_version=API_VERSION)
    plain = openai.OpenAI(base_url=f"{url}/openai/v1", api_key=USER)
    for client in (azure, plain):
        assert client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hi"}]
        )
        client.close()


def test_the_client_gets_its_permission_error(serve: Serve, write: Write) -> None:
    url = serve(keys_path=write({**KEYS[0], "deployments": ["gpt-4o-mini"]}))
    with (
        openai.AzureOpenAI(
            azure_endpoint=url, api_key=USER, api_version=API_VERSION, max_retries=0
        ) as client,
        pytest.raises(openai.PermissionDeniedError),
    ):
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "x"}])


@pytest.mark.parametrize("kind", MANAGEMENT)
def test_readers_may_do_what_is_read_and_admins_all(kind: Any) -> None:
    operation = object.__new__(kind)
    reads = {route.method for route in kind.routes} == {"GET"}
    assert operation.permits("reader") is reads
    assert operation.permits("admin")
    assert not operation.permits("user")


@pytest.mark.parametrize(
    ("key", "status"), [(USER, 403), (READER, 200), (ADMIN, 200), (KEY, 200), ("none", 401)]
)
async def test_the_journal_is_for_readers(
    make_simulator: MakeSimulator, write: Write, key: str, status: int
) -> None:
    simulator = make_simulator(keys_path=write(*KEYS))
    reply = await ask(simulator, "/++/requests", method="GET", query="", headers={"api-key": key})
    assert reply.status == status
    assert status != 403 or reply.json == DENIED


@pytest.mark.parametrize("key", [USER, READER])
async def test_changes_are_for_admins(
    make_simulator: MakeSimulator, write: Write, key: str
) -> None:
    simulator = make_simulator(keys_path=write(*KEYS))
    headers = {"api-key": key}
    for method, path in [("POST", "/++/reset"), ("PATCH", "/++/config"), ("DELETE", "/++/rules")]:
        assert (await ask(simulator, path, method=method, headers=headers)).status == 403
    headers = {"api-key": ADMIN}
    assert (await ask(simulator, "/++/reset", headers=headers)).status == 200


async def test_a_reader_calls_no_model(make_simulator: MakeSimulator, write: Write) -> None:
    simulator = make_simulator(keys_path=write(*KEYS))
    reply = await chat(simulator, READER)
    assert (reply.status, reply.json) == (403, DENIED)
    assert reply.headers["x-simulator-hint"] == "the key 'reader' has the role reader"


async def test_a_key_is_for_its_deployments(make_simulator: MakeSimulator, write: Write) -> None:
    simulator = make_simulator(keys_path=write({**KEYS[0], "deployments": ["gpt-4o"]}))
    assert (await chat(simulator, USER)).status == 200
    refused = await chat(simulator, USER, "gpt-4o-mini")
    assert (refused.status, refused.json) == (403, DENIED)
    body = {"model": "gpt-4o-mini", "input": "Hi"}
    v1 = await ask(simulator, "/openai/v1/responses", body, query="", headers={"api-key": USER})
    assert v1.status == 403
    models = await ask(simulator, "/openai/models", method="GET", headers={"api-key": USER})
    assert models.status == 200


async def test_a_route_that_is_not_understood_is_for_its_deployments_too(
    make_simulator: MakeSimulator, write: Write, tmp_path: Path
) -> None:
    keys = write({**KEYS[0], "deployments": ["gpt-4o"]})
    simulator = make_simulator(mode="replay", recording_dir=str(tmp_path / "r"), keys_path=keys)
    headers = {"api-key": USER}
    path = "/openai/deployments/{}/anything/new"
    assert (await ask(simulator, path.format("o3"), CHAT, headers=headers)).status == 403
    assert (await ask(simulator, path.format("gpt-4o"), CHAT, headers=headers)).status == 404
    await simulator.close()


async def test_a_keys_own_requests_are_limited_over_all_deployments(
    make_simulator: MakeSimulator, write: Write
) -> None:
    limits = {"requestsPerMinute": 2}
    simulator = make_simulator(keys_path=write({**KEYS[0], **limits}, KEYS[2]))
    assert (await chat(simulator, USER)).status == 200
    assert (await chat(simulator, USER, "gpt-4o-mini")).status == 200
    refused = await chat(simulator, USER)
    assert refused.status == 429
    assert refused.json["error"]["code"] == "429"
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert "the limit of requests of the key 'user'" in refused.headers["x-simulator-hint"]
    assert (await chat(simulator, ADMIN)).status == 200


async def test_a_key_spills_over_to_no_deployment_that_it_may_not_call(
    make_simulator: MakeSimulator, write: Write, tmp_path: Path
) -> None:
    ptu = {"model": "gpt-4o", "sku": "ProvisionedManaged", "ptu": 50}
    deployments = tmp_path / "deployments.json"
    deployments.write_text(json.dumps({"ptu": ptu, "std": {"model": "gpt-4.1"}}))
    keys = write({**KEYS[0], "deployments": ["ptu"]}, KEYS[2])
    simulator = make_simulator(keys_path=keys, deployments_path=str(deployments))
    long = {"messages": [{"role": "user", "content": "word " * 130_000}], "max_tokens": 2}
    statuses = {
        key: await ask(
            simulator,
            route("chat/completions", "ptu"),
            long,
            headers={"api-key": key, "x-ms-spillover-deployment": "std"},
        )
        for key in (USER, ADMIN)
    }
    assert {key: reply.status for key, reply in statuses.items()} == {USER: 400, ADMIN: 200}


async def test_a_keys_own_tokens_are_limited(make_simulator: MakeSimulator, write: Write) -> None:
    simulator = make_simulator(keys_path=write({**KEYS[0], "tokensPerMinute": 30}))
    statuses = [(await chat(simulator, USER)).status for _ in range(30)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


async def test_limits_of_a_key_hold_for_several_instances(
    make_simulator: MakeSimulator, write: Write, redis_url: str
) -> None:
    keys = write({**KEYS[0], "requestsPerMinute": 5})
    simulators = [make_simulator(keys_path=keys, redis_url=redis_url) for _ in range(2)]
    replies = await asyncio.gather(*(chat(simulators[n % 2], USER) for n in range(12)))
    assert sorted(reply.status for reply in replies) == [200] * 5 + [429] * 7
    for simulator in simulators:
        await simulator.close()


async def test_the_name_stands_in_journal_and_costs(
    make_simulator: MakeSimulator, write: Write
) -> None:
    simulator = make_simulator(keys_path=write(*KEYS))
    await chat(simulator, USER)
    await chat(simulator, KEY)
    await chat(simulator, "wrong")
    journal = await ask(simulator, "/++/requests", method="GET", query="")
    assert [one.get("key") for one in journal.json["requests"]] == [None, "default", "user"]
    costs = await ask(simulator, "/++/costs", method="GET", query="")
    assert [row["key"] for row in costs.json["rows"]] == ["default", "user"]
    assert USER.encode() not in journal.body + costs.body


async def test_a_changed_file_is_in_force_and_a_bad_one_refused(
    make_simulator: MakeSimulator, write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(write(KEYS[0]))
    simulator = make_simulator(keys_path=str(path), journal_size=0)
    times = iter(range(1, 9))

    async def status_after(*keys: object) -> int:
        write(*keys)
        moment = next(times)
        os.utime(path, ns=(moment, moment))
        simulator._authenticator._keys._file_due = 0
        return (await chat(simulator, USER)).status

    assert await status_after(KEYS[1]) == 401
    assert await status_after(KEYS[0]) == 200
    assert await status_after({"nme": "x"}) == 200
    assert "did you mean 'name'" in caplog.text


def test_a_bad_file_stops_the_start_with_one_line(
    make_simulator: MakeSimulator, write: Write
) -> None:
    with pytest.raises(FollowedFileError, match=r"^KEYS_PATH: .*keys\[0\]: .*role") as caught:
        make_simulator(keys_path=write({**KEYS[0], "role": "owner"}))
    assert "\n" not in str(caught.value)


async def test_keys_in_a_blob_are_followed(make_simulator: MakeSimulator, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    simulator = make_simulator(recording_dir=str(folder), keys_path="blob:keys.json")
    missing = await chat(simulator, USER)
    assert (missing.status, "KEYS_PATH" in missing.json["error"]["message"]) == (503, True)
    assert (await chat(simulator, KEY)).status == 200
    folder.mkdir(exist_ok=True)
    (folder / "keys.json").write_text(json.dumps({"keys": KEYS}))
    other = make_simulator(recording_dir=str(folder), keys_path="blob:keys.json")
    assert (await chat(other, USER)).status == 200


async def test_named_keys_alone_let_in(make_simulator: MakeSimulator, write: Write) -> None:
    simulator = make_simulator(api_key="", keys_path=write(*KEYS))
    assert (await chat(simulator, USER)).status == 200
    assert (await chat(simulator, "wrong")).status == 401


def test_every_operation_is_for_admins() -> None:
    assert all(object.__new__(kind).permits("admin") for kind in OPERATIONS)
