"""`GET /++/limits`: the used part of the limits, as the limits themselves count it."""

import json
from pathlib import Path

import pytest

from simulator.app import Simulator
from tests.conftest import MakeSimulator
from tests.limits.conftest import redis_url
from tests.support.asking import Reply, ask, route

__all__ = ["redis_url"]

CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 10}
DEPLOYMENTS = {
    "chat": {"model": "gpt-4o", "tokensPerMinute": 10_000, "requestsPerMinute": 60},
    "free": {"model": "gpt-4o"},
    "units": {"model": "gpt-4o", "sku": "GlobalProvisionedManaged", "ptu": 15},
}


@pytest.fixture(params=["memory", "redis"])
def simulator(
    request: pytest.FixtureRequest,
    make_simulator: MakeSimulator,
    tmp_path: Path,
    redis_url: str,
) -> Simulator:
    path = tmp_path / "deployments.json"
    path.write_text(json.dumps(DEPLOYMENTS))
    shared = {"redis_url": redis_url} if request.param == "redis" else {}
    return make_simulator(deployments_path=str(path), **shared)


async def limits(simulator: Simulator, query: str = "") -> Reply:
    return await ask(simulator, "/++/limits", method="GET", query=query)


async def test_what_requests_used_is_shown_and_asking_uses_nothing(simulator: Simulator) -> None:
    await ask(simulator, "/++/reset")
    for _ in range(2):
        answer = await ask(simulator, route("chat/completions", "chat"), CHAT)
        assert answer.status == 200
    await ask(simulator, route("chat/completions", "units"), CHAT)
    for _ in range(2):
        chat, units = (await limits(simulator)).json["limits"]
    left = int(answer.headers["x-ratelimit-remaining-tokens"])
    assert chat == {
        "deployment": "chat",
        "model": "gpt-4o",
        "tokens": {"used": 10_000 - left, "limit": 10_000},
        "requests": {"used": 2, "limit": 60},
    }
    assert (units["deployment"], units["ptu"]) == ("units", 15)
    assert 0 < units["utilization"] < 1
    await simulator.close()


async def test_deployments_without_limits_are_shown_if_wanted(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    path = tmp_path / "deployments.json"
    path.write_text(json.dumps(DEPLOYMENTS))
    simulator = make_simulator(deployments_path=str(path))
    rows = (await limits(simulator, "unlimited=true")).json["limits"]
    assert [row["deployment"] for row in rows] == ["chat", "free", "units"]
    assert rows[1] == {"deployment": "free", "model": "gpt-4o"}
    assert (await limits(simulator, "unlimited=yes")).status == 400


async def test_before_a_request_nothing_is_used(make_simulator: MakeSimulator) -> None:
    rows = (await limits(make_simulator())).json["limits"]
    assert rows
    assert {row["tokens"]["used"] for row in rows if "tokens" in row} == {0}


async def test_deployments_are_chosen_by_name(simulator: Simulator) -> None:
    reply = await limits(simulator, "deployment=units,free,none")
    assert [row["deployment"] for row in reply.json["limits"]] == ["units"]
    await simulator.close()


async def test_an_unknown_parameter_is_refused(make_simulator: MakeSimulator) -> None:
    assert (await limits(make_simulator(), "deploymnt=x")).status == 400
