"""The containers that the tests run over."""

import secrets

from simulator.storage.azure_blobs import BlobContainer
from simulator.storage.connection import StorageConnection
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from tests.support.azurite import Azurite

_PATIENT = 60.0
"""Seconds for an Azurite that shares a busy machine: what these tests ask for is not its speed."""


def blobs(azurite: Azurite, *, page: int = 5_000) -> BlobContainer:
    """A container of its own that does not exist yet."""
    connection = StorageConnection(connection_string=azurite.connection_string)
    name = f"test-{secrets.token_hex(8)}"
    return BlobContainer(connection, name, timeout=_PATIENT, retry_after=0, page=page)


class Broken(MemoryContainer):
    """A store that is away while `away` says so."""

    def __init__(self) -> None:
        super().__init__()
        self.away = True

    async def get(self, name):
        self._check()
        return await super().get(name)

    async def get_if_changed(self, name, etag):
        self._check()
        return await super().get_if_changed(name, etag)

    async def put_new(self, name, data):
        self._check()
        return await super().put_new(name, data)

    async def names(self, prefix=""):
        self._check()
        async for name in super().names(prefix):
            yield name

    def _check(self) -> None:
        if self.away:
            raise StorageError("the store is away")
