"""An app whose instances share a folder, blobs, or nothing."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.storage.connection import StorageConnection
from tests.configuration.overrides.instances import Clock, Instances, container_of


class Closing(Instances):
    """Remembers the instances, to close their containers."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.started: list[Simulator] = []

    def start(self, **settings: Any) -> Simulator:
        self.started.append(super().start(**settings))
        return self.started[-1]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["folder", "blobs"])
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Closing]:
    """An app with a store that all its instances see."""
    if request.param == "folder":
        settings: dict[str, Any] = {"recording_dir": str(tmp_path / "recordings")}
    else:
        azurite = request.getfixturevalue("azurite")
        connection = StorageConnection(connection_string=azurite.connection_string)
        settings = {"storage": connection, "recording_container": f"test-{secrets.token_hex(8)}"}
    instances = Closing(settings)
    yield instances
    for simulator in instances.started:
        await container_of(simulator).close()


@pytest.fixture
def folder(tmp_path: Path) -> Instances:
    """An app in a folder, for what does not depend on the kind of store."""
    return Instances({"recording_dir": str(tmp_path / "recordings")})


@pytest.fixture
def lone() -> Instances:
    """An app without a store."""
    return Instances({})
