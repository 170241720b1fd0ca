"""The store of uploads: a document of each, beside the files; the parts are pieces of the file to be."""

import random
import re
from typing import Literal

import msgspec
from msgspec import Struct

from simulator.operations.files.store import folder_of
from simulator.operations.stores import ReportingContainer, decoded
from simulator.storage.container import Container

LIFETIME = 3_600
"""Seconds in which an upload has to be completed (OpenAI's reference)."""
Status = Literal["pending", "completed", "cancelled", "expired"]

_ID = re.compile("upload_[0-9a-f]{32}")
_PART = re.compile("part_[0-9a-f]{32}")
_SIZE = 8


class StoredUpload(Struct, frozen=True, kw_only=True):
    """The document of an upload; moments are in seconds since 1970."""

    id: str
    created_at: int
    filename: str
    purpose: str
    bytes: int
    file_id: str
    lifetime: int | None = None
    status: Status = "pending"

    @property
    def expires_at(self) -> int:
        return self.created_at + LIFETIME

    def status_at(self, now: float) -> Status:
        expired = self.status == "pending" and now >= self.expires_at
        return "expired" if expired else self.status


_UPLOAD = msgspec.json.Decoder(StoredUpload)


def upload_id(now: float, rng: random.Random) -> str:
    """An id like upload_0198f3c29a1b…; ids sort by their moment."""
    return f"upload_{int(now * 1000):012x}{rng.getrandbits(80):020x}"


def part_id(size: int, rng: random.Random) -> str:
    """An id like part_00000400…, which holds the size of the part."""
    return f"part_{size:0{_SIZE}x}{rng.getrandbits(96):024x}"


def size_of(part: str) -> int:
    """The size of a part; `ValueError` for what is no id of one."""
    if not _PART.fullmatch(part):
        raise ValueError(part)
    start = len("part_")
    return int(part[start : start + _SIZE], 16)


class UploadStore:
    """Keeps uploads in a container. A container that fails is reported as `Unavailable`."""

    def __init__(self, container: Container) -> None:
        self._container = ReportingContainer(container, "uploads")

    async def add(self, resource: str, upload: StoredUpload) -> None:
        name, data = _name(resource, upload.id), msgspec.json.encode(upload)
        await self._container.put(name, data)

    async def find(self, resource: str, identifier: str) -> tuple[StoredUpload, str] | None:
        """The upload of that id with its ETag, unless it is another resource's or unknown."""
        if not _ID.fullmatch(identifier):
            return None
        name = _name(resource, identifier)
        blob = await self._container.get(name)
        upload = decoded(_UPLOAD, blob, name)
        return (upload, blob.etag) if blob and upload else None

    async def change(self, resource: str, upload: StoredUpload, etag: str) -> bool:
        """Replace an upload that is still as it was read."""
        name, data = _name(resource, upload.id), msgspec.json.encode(upload)
        return await self._container.put_if_same(name, data, etag)

    async def drop(self, resource: str, identifier: str) -> None:
        await self._container.delete(_name(resource, identifier))

    async def ids(self, resource: str) -> list[str]:
        """The ids of all uploads, the oldest first."""
        return await self._container.ids(_folder(resource))


def _folder(resource: str) -> str:
    return f"{folder_of(resource)}/uploads/"


def _name(resource: str, identifier: str) -> str:
    return f"{_folder(resource)}{identifier}.json"
