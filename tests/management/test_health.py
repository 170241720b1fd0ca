"""`/++/health` and `/++/ready`, which need no key."""

from typing import Any

import httpx2
import pytest

from simulator import __version__
from simulator.hosting import own_valkey
from simulator.storage.connection import StorageConnection
from tests.configuration.overrides.instances import configuration_of
from tests.conftest import MakeSimulator
from tests.support.asking import ask
from tests.support.azurite import free_port


@pytest.fixture(params=["++", "simulator"])
def place(request: pytest.FixtureRequest) -> str:
    return f"/{request.param}"


def test_the_simulator_is_alive(server: str, place: str) -> None:
    reply = httpx2.get(f"{server}{place}/health")
    assert reply.json() == {"status": "alive", "version": __version__}


def test_without_a_store_there_is_nothing_to_wait_for(server: str, place: str) -> None:
    assert httpx2.get(f"{server}{place}/ready").json() == {"status": "ready", "reached": []}


async def ready(simulator):
    return await ask(simulator, "/++/ready", method="GET", query="", headers={})


async def test_a_store_that_can_be_reached_is_named(
    make_simulator: MakeSimulator, tmp_path
) -> None:
    simulator = make_simulator(recording_dir=str(tmp_path))
    assert (await ready(simulator)).json == {"status": "ready", "reached": ["storage"]}


async def test_storage_redis_and_deployments_that_are_away_are_named_without_secrets(
    make_simulator: MakeSimulator,
) -> None:
    key = "c2VjcmV0"
    string = f"AccountName=a;AccountKey={key};BlobEndpoint=http://127.0.0.1:{free_port()}/a;"
    simulator = make_simulator(
        storage=StorageConnection(connection_string=string),
        redis_url=f"redis://:secret@127.0.0.1:{free_port()}",
        deployments_path="blob:deployments.json",
    )
    configuration_of(simulator)._refresher._policy = type(configuration_of(simulator)._policy)(
        first=0.2
    )
    ready_route: Any = simulator._routes.find("GET", "/++/ready").target
    ready_route._control.readiness._patience = 0.5
    reply = await ready(simulator)
    assert reply.status == 503
    assert reply.json["error"]["message"] == (
        "The simulator is not ready: it lacks storage and redis and deployments."
    )
    await configuration_of(simulator)._location.container.close()


async def test_redis_that_can_be_reached_is_named(make_simulator: MakeSimulator) -> None:
    with own_valkey.running() as redis:
        simulator = make_simulator(redis_url=redis.connection_url)
        assert (await ready(simulator)).json == {"status": "ready", "reached": ["redis"]}
        await simulator._metering._limits._store.close()


async def test_the_simulator_is_alive_whatever_is_away(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(
        redis_url=f"redis://127.0.0.1:{free_port()}",
        storage=StorageConnection(connection_string="AccountName=a;AccountKey=a;"),
    )
    reply = await ask(simulator, "/++/health", method="GET", query="", headers={})
    assert reply.status == 200
