"""A fake upstream, and worlds of record and replay around it."""

import pytest

from simulator.storage.folder import FolderContainer
from simulator.storage.memory import MemoryContainer
from tests.modes.worlds import World
from tests.storage.containers import blobs
from tests.support.fake_upstream import running_upstream


@pytest.fixture
async def served():
    async with running_upstream() as running:
        yield running


@pytest.fixture(params=["folder", "blobs"])
def durable(request, tmp_path):
    """A container that outlives the process."""
    if request.param == "folder":
        return FolderContainer(tmp_path / "recordings")
    return blobs(request.getfixturevalue("azurite"))


@pytest.fixture(params=["autosave", "spooled"])
async def world(request, durable, served):
    """Over both kinds of store, with autosave on and off."""
    made = World(durable, served, spooled=request.param == "spooled")
    yield made
    await made.close()


@pytest.fixture
async def quick(served):
    """A world in memory, where the kind of store does not matter."""
    made = World(MemoryContainer(), served)
    yield made
    await made.close()
