"""A container of each kind."""

import pytest

from simulator.storage.folder import FolderContainer
from simulator.storage.memory import MemoryContainer
from tests.storage.containers import blobs


@pytest.fixture(params=["memory", "folder", "blobs"])
async def container(request, tmp_path):
    if request.param == "memory":
        made = MemoryContainer()
    elif request.param == "folder":
        made = FolderContainer(tmp_path / "recordings")
    else:
        made = blobs(request.getfixturevalue("azurite"))
    yield made
    await made.close()
