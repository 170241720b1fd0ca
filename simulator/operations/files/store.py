"""The store of files: a document and the bytes of each, seen by every instance."""

import asyncio
import contextlib
import random
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from io import BytesIO
from typing import BinaryIO

import msgspec
from msgspec import Struct, structs

from simulator.errors import ApiError
from simulator.operations.stores import ReportingContainer, decoded, mark_of
from simulator.storage.container import Container
from simulator.storage.several import each, several

FOLDER = ".files/"
SHORTEST_LIFE = 259_200
LONGEST_LIFE = 2_592_000
"""The seconds that a file with `expires_after` lives: 3 to 30 days, as users found in 2026 (Microsoft's page
says 14 to 30)."""
PIECE_BYTES = 8 * 2**20
"""The most bytes of a file that are kept, and read, in one go."""

_ID = re.compile("file-[0-9a-f]{32}")
# The hexadecimal digits of an id that are its moment, in milliseconds.
_MOMENT = 12


class StoredFile(Struct, frozen=True, kw_only=True):
    """The document of a file; moments are in seconds since 1970.

    `parts` are the names of the pieces that its bytes are kept in, None where they are in one.
    """

    id: str
    bytes: int
    created_at: int
    filename: str
    purpose: str
    expires_at: int | None = None
    parts: list[str] | None = None

    def shown(self) -> dict[str, object]:
        """Return the file as the API shows it: an upload's answers of 2026-09, and those of Microsoft's pages
        where it expires."""
        return {
            "status": "processed",
            "bytes": self.bytes,
            "purpose": self.purpose,
            "filename": self.filename,
            **({} if self.expires_at is None else {"expires_at": self.expires_at}),
            "id": self.id,
            "created_at": self.created_at,
            "object": "file",
        }


_DOCUMENT = msgspec.json.Decoder(StoredFile)


def file_id(now: float, rng: random.Random) -> str:
    """An id like file-0123456789abcdef0123456789abcdef; ids sort by their moment."""
    return f"file-{int(now * 1000):0{_MOMENT}x}{rng.getrandbits(80):020x}"


class FileStore:
    """Keeps files in a container. A container that fails is reported as `Unavailable`.

    The bytes are written before the document and deleted after it, so that whatever is listed can
    be read.
    """

    def __init__(self, container: Container, now: Callable[[], float]) -> None:
        self._container = ReportingContainer(container, "files")
        self._now = now

    async def add(self, resource: str, stored: StoredFile, content: bytes | BinaryIO) -> None:
        """Keep a file; one of some size in pieces, none of which takes the container long."""
        if stored.bytes > PIECE_BYTES:
            await self._add_in_pieces(resource, stored, content)
            return
        data = content if isinstance(content, bytes) else content.read()
        await self._container.put(_content(resource, stored.id), data)
        await self._container.put(_name(resource, stored.id), msgspec.json.encode(stored))

    async def _add_in_pieces(
        self, resource: str, stored: StoredFile, content: bytes | BinaryIO
    ) -> None:
        source = BytesIO(content) if isinstance(content, bytes) else content
        parts: list[str] = []
        try:
            while piece := await asyncio.to_thread(source.read, PIECE_BYTES):
                parts.append(f"{len(parts):06d}")
                await self.add_part(resource, stored.id, parts[-1], piece)
        except BaseException:
            # Nobody would find them; a client that left, or a full store.
            with contextlib.suppress(ApiError):
                await self.drop_parts(resource, stored.id, parts)
            raise
        await self.add_parts(resource, structs.replace(stored, parts=parts))

    async def add_part(self, resource: str, identifier: str, part: str, data: bytes) -> None:
        """Keep a piece of a file that is to be added with `add_parts`."""
        await self._container.put(_part(resource, identifier, part), data)

    async def add_parts(self, resource: str, stored: StoredFile) -> None:
        """Add a file whose pieces are kept already."""
        await self._container.put(_name(resource, stored.id), msgspec.json.encode(stored))

    async def parts(self, resource: str, identifier: str) -> list[str]:
        """The names of the pieces of a file that are kept, whether it is added or not."""
        start = _part(resource, identifier, "")
        names = [name async for name in self._container.names(start)]
        return [name.removeprefix(start) for name in names]

    async def drop_parts(self, resource: str, identifier: str, parts: Iterable[str]) -> None:
        await each(parts, lambda part: self._container.delete(_part(resource, identifier, part)))

    async def find(self, resource: str, identifier: str) -> StoredFile | None:
        """The file of that id, unless it is another resource's, unknown, deleted or expired."""
        if not _ID.fullmatch(identifier):
            return None
        name = _name(resource, identifier)
        stored = decoded(_DOCUMENT, await self._container.get(name), name)
        if stored is None or stored.expires_at is None or stored.expires_at > self._now():
            return stored
        await self.drop(resource, stored)
        return None

    async def content(self, resource: str, stored: StoredFile) -> bytes | None:
        """All bytes of a file; None where it is deleted meanwhile."""
        try:
            return b"".join([piece async for piece in self.pieces(resource, stored)])
        except LookupError:
            return None

    async def pieces(self, resource: str, stored: StoredFile) -> AsyncIterator[bytes]:
        """The bytes of a file, one piece after the other. Raises `LookupError` where it is deleted
        meanwhile."""
        names = [_content(resource, stored.id)]
        if stored.parts is not None:
            names = [_part(resource, stored.id, part) for part in stored.parts]
        for name in names:
            blob = await self._container.get(name)
            if blob is None:
                raise LookupError(name)
            yield blob.data

    async def drop(self, resource: str, stored: StoredFile) -> bool:
        """False means that there was no such file (any more)."""
        dropped = await self._container.delete(_name(resource, stored.id))
        await self._container.delete(_content(resource, stored.id))
        await self.drop_parts(resource, stored.id, stored.parts or ())
        return dropped

    async def ids(self, resource: str) -> list[str]:
        """The ids of all files, the oldest first; some may have expired."""
        return await self._container.ids(_documents(resource))

    async def count(self, resource: str, enough: int) -> int:
        """The number of files; where it is `enough` or more, expired ones are removed first."""
        ids = await self.ids(resource)
        if len(ids) < enough:
            return len(ids)
        newest = f"file-{int((self._now() - SHORTEST_LIFE) * 1000):0{_MOMENT}x}"
        old = [identifier for identifier in ids if identifier[: len(newest)] <= newest]
        gone = 0
        async for stored in self.each(resource, old):
            gone += stored is None
        return len(ids) - gone

    def each(self, resource: str, ids: Sequence[str]) -> AsyncIterator[StoredFile | None]:
        """The file of each id, None for one that there is no longer; fewer if that takes too long."""
        return several(ids, lambda identifier: self.find(resource, identifier))


def folder_of(resource: str) -> str:
    """The resource's own folder."""
    return f"{FOLDER}{mark_of(resource)}"


def _documents(resource: str) -> str:
    return f"{folder_of(resource)}/documents/"


def _name(resource: str, identifier: str) -> str:
    return f"{_documents(resource)}{identifier}.json"


def _content(resource: str, identifier: str) -> str:
    return f"{folder_of(resource)}/content/{identifier}"


def _part(resource: str, identifier: str, part: str) -> str:
    return f"{_content(resource, identifier)}.parts/{part}"
