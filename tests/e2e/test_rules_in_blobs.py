"""Rules that are kept as a blob, as those meet them who change it while simulators run."""

import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from simulator.storage.azure_blobs import BlobContainer
from simulator.storage.connection import StorageConnection
from tests.conftest import API_VERSION, KEY, Serve
from tests.support.azurite import Azurite

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
BLOB = "rules.json"


@pytest.fixture
def settings(azurite: Azurite) -> dict[str, Any]:
    return {
        "storage": StorageConnection(azurite.connection_string),
        "recording_container": f"c{uuid.uuid4().hex}",
        "rules_path": f"blob:{BLOB}",
    }


@pytest.fixture
async def container(settings: dict[str, Any]) -> AsyncIterator[BlobContainer]:
    made = BlobContainer(settings["storage"], settings["recording_container"])
    yield made
    await made.close()


async def write(container: BlobContainer, *rules: dict[str, Any]) -> None:
    await container.put(BLOB, json.dumps({"rules": rules}).encode())


async def rules_of(http: httpx2.AsyncClient) -> list[tuple[str, str]]:
    """The rules in force: whoever asks for them has the blob looked at."""
    shown = (await http.get("/++/rules")).json()["rules"]
    return [(rule["name"], rule["source"]) for rule in shown]


async def said(http: httpx2.AsyncClient) -> tuple[str, str]:
    answer = await http.post(CHAT, json={"messages": [{"role": "user", "content": "Hello"}]})
    assert answer.status_code == 200, answer.text
    content = answer.json()["choices"][0]["message"]["content"]
    return content, answer.headers["x-simulator-rule"]


def client(url: str) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=url, headers={"api-key": KEY}, timeout=10)


async def test_a_changed_blob_is_in_force_on_every_simulator(
    serve: Serve, settings: dict[str, Any], container: BlobContainer
) -> None:
    await write(container, {"name": "first", "reply": "one"})
    async with client(serve(**settings)) as left, client(serve(**settings)) as right:
        assert [await said(http) for http in (left, right)] == [("one", "first")] * 2
        await write(container, {"name": "second", "reply": "two"})
        for http in (left, right):
            assert await rules_of(http) == [("second", "file")]
            assert await said(http) == ("two", "second")


async def test_a_bad_blob_is_refused_and_a_good_one_after_it_taken(
    serve: Serve,
    settings: dict[str, Any],
    container: BlobContainer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await write(container, {"name": "first", "reply": "one"})
    async with client(serve(**settings)) as http:
        assert await said(http) == ("one", "first")
        await write(container, {"name": "bad", "rply": "two"})
        assert await rules_of(http) == [("first", "file")]
        assert await said(http) == ("one", "first")
        assert "Did you mean 'reply'" in caplog.text
        await write(container, {"name": "third", "reply": "three"})
        assert await rules_of(http) == [("third", "file")]
        assert await said(http) == ("three", "third")


async def test_a_blob_that_is_bad_from_the_start_has_no_rules_until_it_is_mended(
    serve: Serve, settings: dict[str, Any], container: BlobContainer
) -> None:
    await write(container, {"name": "bad", "rply": "one"})
    async with client(serve(**settings)) as http:
        assert await rules_of(http) == []
        await write(container, {"name": "mended", "reply": "one"})
        assert await rules_of(http) == [("mended", "file")]
        assert await said(http) == ("one", "mended")
