"""Documents that somebody has edited beside the simulator: each counts as missing, and harms no other."""

from pathlib import Path
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.operations.webhooks.owed import OWED, OwedStore
from simulator.operations.webhooks.store import WebhookStore
from simulator.storage.memory import MemoryContainer
from tests.conftest import MakeSimulator
from tests.operations.webhooks.test_delivery import endpoint
from tests.storage.test_several import add_batch, add_completion, add_file, listed
from tests.support.asking import ask

BROKEN = [b"", b"{", b"[]", b'{"id": 5}', b"\xff\xfe", b"[" * 100_000]


async def add_response(simulator: Simulator, number: int) -> Any:
    asked = {"model": "gpt-4o", "input": str(number)}
    return (await ask(simulator, "/openai/v1/responses", asked, query="")).json


async def add_conversation(simulator: Simulator, number: int) -> Any:
    asked = {"metadata": {"number": str(number)}}
    return (await ask(simulator, "/openai/v1/conversations", asked, query="")).json


def documents(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.json") if path.is_file()]


@pytest.mark.parametrize(
    ("path", "add"),
    [
        ("files", add_file),
        ("batches", add_batch),
        ("chat/completions", add_completion),
        ("responses", add_response),
        ("conversations", add_conversation),
    ],
)
@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
async def test_a_broken_document_counts_as_missing_and_harms_no_other(
    make_simulator: MakeSimulator, tmp_path: Path, path: str, add: Any, broken: bytes
) -> None:
    simulator = make_simulator(recording_dir=str(tmp_path))
    first = await add(simulator, 1)
    for document in documents(tmp_path):
        document.write_bytes(broken)
    second = await add(simulator, 2)
    answers = [
        await ask(simulator, f"/openai/v1/{path}/{one['id']}", method="GET", query="")
        for one in (first, second)
    ]
    assert [answer.status for answer in answers] == [404, 200]
    if path not in ("responses", "conversations"):
        page = await listed(simulator, f"/openai/v1/{path}")
        assert [one["id"] for one in page.json["data"]] == [second["id"]]
    await simulator.close()


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
async def test_a_broken_delivery_or_endpoint_of_webhooks_counts_as_missing(broken: bytes) -> None:
    container = MemoryContainer()
    owed, webhooks = OwedStore(container), WebhookStore(container, lambda: 0.0)
    await container.put(f"{OWED}a.json", broken)
    assert await owed.find(f"{OWED}a.json") is None
    assert await owed.take(f"{OWED}a.json", 1.0, 1.0) is None
    mine = endpoint()
    await webhooks.put("", mine)
    (name,) = [name async for name in container.names() if mine.id in name]
    assert await webhooks.endpoints("") == [mine]
    await container.put(name, broken)
    assert await webhooks.endpoints("") == []
    assert await webhooks.find("", mine.id) is None
