"""What a simulator says of other instances before it has answered anything itself."""

import uuid

from simulator.storage.connection import StorageConnection
from tests.conftest import MakeSimulator
from tests.support.asking import ask, route
from tests.support.azurite import Azurite

CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}


async def test_an_instance_that_has_answered_nothing_knows_of_the_others_and_is_none_itself(
    make_simulator: MakeSimulator, azurite: Azurite
) -> None:
    settings = {
        "storage": StorageConnection(azurite.connection_string),
        "recording_container": f"ready-{uuid.uuid4().hex[:12]}",
    }
    serving, waiting = make_simulator(**settings), make_simulator(**settings)
    await ask(serving, route("chat/completions", "gpt-4o"), CHAT)
    counted = [
        (await ask(simulator, "/++/ready", method="GET", query="", headers={})).json["instances"]
        for simulator in (waiting, serving)
    ]
    await waiting.close()
    await serving.close()
    assert counted == [2, 1]


async def test_answers_and_the_journal_name_the_instance(
    make_simulator: MakeSimulator, azurite: Azurite
) -> None:
    container = f"names-{uuid.uuid4().hex[:12]}"
    storage = StorageConnection(azurite.connection_string)
    names: set[str] = set()
    for _ in range(2):
        simulator = make_simulator(storage=storage, recording_container=container, hints=True)
        answer = await ask(simulator, route("chat/completions", "gpt-4o"), CHAT)
        journal = await ask(simulator, "/++/requests", method="GET", query="")
        await simulator.close()
        name = answer.headers["x-simulator-instance"]
        assert [entry["instance"] for entry in journal.json["requests"]] == [name]
        names.add(name)
    assert len(names) == 2
