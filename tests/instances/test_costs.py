"""Costs of several instances on one container of blobs."""

import uuid

from simulator.storage.connection import StorageConnection
from tests.conftest import MakeSimulator
from tests.support.asking import ask, route
from tests.support.azurite import Azurite

CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}


async def test_costs_are_those_of_all_instances(
    make_simulator: MakeSimulator, azurite: Azurite
) -> None:
    settings = {
        "storage": StorageConnection(azurite.connection_string),
        "recording_container": f"costs-{uuid.uuid4().hex[:12]}",
    }
    one, two = make_simulator(**settings), make_simulator(**settings)
    for simulator in (one, one, two):
        await ask(simulator, route("chat/completions", "gpt-4o"), CHAT)
    await one.close()
    costs = (await ask(two, "/++/costs", method="GET", query="")).json
    await two.close()
    assert [row["requests"] for row in costs["rows"]] == [3]
