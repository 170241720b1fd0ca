"""A container of named bytes: the seam under recordings and all other shared state."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class StorageError(Exception):
    """The store cannot be reached, or refuses; the message names the cause and no secret."""


MOST_BYTES = 2**30
"""Bytes of a name that are read: nothing that the simulator writes is larger."""


def check_size(name: str, size: int) -> None:
    """Raises `StorageError` for what is too large to be read."""
    if size > MOST_BYTES:
        raise StorageError(f"{name} has {size} bytes, which is more than {MOST_BYTES}")


@dataclass(frozen=True, slots=True)
class Blob:
    """The contents of a name when it was read; `etag` changes with every write."""

    data: bytes
    etag: str


class Unchanged(Enum):
    """The answer to a conditional read of something that is as it was."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


class Container(Protocol):
    """Named bytes. Implementers must hold to this:

    * A name is a relative path with `/` (see `checked`); names are case-sensitive.
    * A write is whole or not there at all, whenever the process dies, and durable once it returns.
    * Whatever goes wrong with the store is a `StorageError`; a missing name is not an error.
    """

    async def get(self, name: str) -> Blob | None: ...

    async def get_if_changed(self, name: str, etag: str) -> Blob | Unchanged | None:
        """Like `get`, but nothing is transferred while the ETag is still this one."""
        ...

    async def put_new(self, name: str, data: bytes) -> bool:
        """Writes unless the name is taken; False means that it was, and that nothing changed."""
        ...

    async def put(self, name: str, data: bytes) -> None: ...

    async def put_if_same(self, name: str, data: bytes, etag: str) -> bool:
        """Writes while the ETag is still this one; False means that it was not, and that nothing
        changed. It holds against others that write with this method."""
        ...

    async def delete(self, name: str) -> bool:
        """False means that there was nothing (any more)."""
        ...

    def names(self, prefix: str = "") -> AsyncIterator[str]:
        """The names that start with the prefix, sorted."""
        ...

    async def close(self) -> None:
        """Frees what the running event loop holds; the container can be used again afterwards."""
        ...


async def write_over(container: Container, name: str, data: bytes, before: Blob | None) -> bool:
    """Write over what was read `before`, None for nothing; False means that it is another one meanwhile, and
    that nothing changed."""
    if before is None:
        return await container.put_new(name, data)
    return await container.put_if_same(name, data, before.etag)


def checked(name: str) -> str:
    """Return the name, if it is valid on every store and cannot leave the container; else
    `ValueError`.
    """
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or "\0" in name:
        raise ValueError(f"not a name in a container: {name!r}")
    return name
