"""An app whose instances share a folder, blobs, or nothing."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulator.storage.connection import StorageConnection
from tests.configuration.overrides.instances import Instances


@pytest.fixture(params=["folder", "blobs"])
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Instances]:
    """An app with a store that all its instances see."""
    if request.param == "folder":
        settings: dict[str, Any] = {"recording_dir": str(tmp_path / "recordings")}
    else:
        azurite = request.getfixturevalue("azurite")
        connection = StorageConnection(connection_string=azurite.connection_string)
        settings = {"storage": connection, "recording_container": f"test-{secrets.token_hex(8)}"}
    instances = Instances(settings)
    yield instances
    await instances.close()


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Instances]:
    """An app in a folder, for what does not depend on the kind of store."""
    instances = Instances({"recording_dir": str(tmp_path / "recordings")})
    yield instances
    await instances.close()


@pytest.fixture
async def lone() -> AsyncIterator[Instances]:
    """An app without a store."""
    instances = Instances({})
    yield instances
    await instances.close()
