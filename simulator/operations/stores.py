"""Common parts of the stores of operations: a container that reports its failures, and names by resource."""

import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Generator
from typing import TypeVar

import msgspec

from simulator.errors import Unavailable
from simulator.storage.container import Blob, Container, StorageError, Unchanged

logger = logging.getLogger(__name__)

T = TypeVar("T")


class ReportingContainer:
    """A container whose failures clients see as `Unavailable`; `contents` is what it holds, in the plural."""

    def __init__(self, container: Container, contents: str) -> None:
        self._container = container
        self._contents = contents

    async def get(self, name: str) -> Blob | None:
        with self._reporting():
            return await self._container.get(name)

    async def get_if_changed(self, name: str, etag: str) -> Blob | Unchanged | None:
        with self._reporting():
            return await self._container.get_if_changed(name, etag)

    async def put_new(self, name: str, data: bytes) -> bool:
        with self._reporting():
            return await self._container.put_new(name, data)

    async def put(self, name: str, data: bytes) -> None:
        with self._reporting():
            await self._container.put(name, data)

    async def put_if_same(self, name: str, data: bytes, etag: str) -> bool:
        with self._reporting():
            return await self._container.put_if_same(name, data, etag)

    async def delete(self, name: str) -> bool:
        with self._reporting():
            return await self._container.delete(name)

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        with self._reporting():
            async for name in self._container.names(prefix):
                yield name

    async def ids(self, folder: str) -> list[str]:
        """The names of the documents below a folder, without the folder and their ending, sorted."""
        return [
            name.removeprefix(folder).removesuffix(".json") async for name in self.names(folder)
        ]

    async def close(self) -> None:
        await self._container.close()

    @contextlib.contextmanager
    def _reporting(self) -> Generator[None]:
        try:
            yield
        except StorageError as error:
            raise Unavailable(
                f"The container in which {self._contents} are stored does not answer. {error}"
            ) from error


def decoded(decoder: msgspec.json.Decoder[T], blob: Blob | None, name: str) -> T | None:
    """Return the document in a blob. One that cannot be understood, because somebody has edited it, is
    logged and counts as missing: it must not harm the others of a list."""
    if blob is None:
        return None
    try:
        return decoder.decode(blob.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        logger.error("%s cannot be understood, and counts as missing", name)
        return None


def mark_of(resource: str) -> str:
    """Return the mark of a resource in names; its own name may hold what no name in a container may."""
    return hashlib.sha256(resource.encode()).hexdigest()[:16]
