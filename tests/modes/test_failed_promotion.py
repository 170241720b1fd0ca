"""Misses in replay while spooled recordings cannot be given their names."""

import json
from pathlib import Path

import pytest

from simulator.storage.container import StorageError
from simulator.storage.folder import FolderContainer
from tests.conftest import MakeSimulator
from tests.support.asking import ask

CHAT = "/openai/deployments/gpt-4o/chat/completions"
BODY = {"messages": [{"role": "user", "content": "Hello"}]}


async def test_a_miss_says_that_what_is_spooled_could_not_be_promoted(
    make_simulator: MakeSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "recordings").mkdir()
    simulator = make_simulator(mode="replay", recording_dir=str(tmp_path / "recordings"))
    names = FolderContainer.names

    def listed(container: FolderContainer, prefix: str = "") -> object:
        if prefix.startswith(".spool"):
            raise StorageError("the list cannot be had")
        return names(container, prefix)

    monkeypatch.setattr(FolderContainer, "names", listed)
    reply = await ask(simulator, CHAT, BODY)
    message: str = json.loads(reply.body)["error"]["message"]
    assert reply.status == 404
    assert "cannot be promoted: the list cannot be had." in message
    await simulator.close()
