"""The store of batches: a document of each, and of the work on its output, seen by every instance."""

import hashlib
import random
import re

import msgspec
from msgspec import Struct

from simulator.operations.batches.validation import BatchProblem
from simulator.operations.stores import ReportingContainer, decoded, mark_of
from simulator.storage.container import Blob, Container

FOLDER = ".batches/"
MOST_BATCHES = 10_000
"""Batches of a resource; the oldest one goes for a new one."""
_ID = re.compile("batch_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class StoredBatch(Struct, frozen=True, kw_only=True):
    """The document of a batch, which only cancelling changes; moments are in seconds since 1970.

    `finished` is when it is complete unless something comes between; `output_lifetime` is in seconds.
    """

    id: str
    created: float
    finished: float
    endpoint: str
    input_file_id: str
    output_file_id: str
    error_file_id: str
    operation: str
    model: str
    total: int
    tokens: int
    caller: str
    problems: list[BatchProblem] = []
    metadata: dict[str, str] | None = None
    output_lifetime: int | None = None
    cancelled: float | None = None


class Work(Struct, frozen=True, kw_only=True):
    """Progress of the output: the lines that are done, and the names of the parts of both files.

    Who works on it holds it `until` a moment (seconds since 1970); if it dies, another goes on then.
    """

    holder: str = ""
    until: float = 0.0
    offset: int = 0
    number: int = 0
    done: int = 0
    failed: int = 0
    output: list[str] = []
    output_bytes: int = 0
    errors: list[str] = []
    error_bytes: int = 0
    made: bool = False
    lost: bool = False
    """The input file was gone before all was made."""


_BATCH = msgspec.json.Decoder(StoredBatch)
_WORK = msgspec.json.Decoder(Work)


def batch_id(now: float, rng: random.Random) -> str:
    """An id like batch_0198f3c2-9a1b-7c3d-8e4f-0123456789ab; ids sort by their moment."""
    moment, rest = f"{int(now * 1000):012x}", f"{rng.getrandbits(74):019x}"
    return f"batch_{moment[:8]}-{moment[8:]}-7{rest[:3]}-8{rest[3:6]}-{rest[6:18]}"


class BatchStore:
    """Keeps batches in a container. A container that fails is reported as `Unavailable`."""

    def __init__(self, container: Container) -> None:
        self._container = ReportingContainer(container, "batches")

    async def add(self, resource: str, batch: StoredBatch) -> None:
        """Keep a new batch, and remove the oldest where there are too many."""
        ids = await self.ids(resource)
        for oldest in ids[: len(ids) + 1 - MOST_BATCHES] if len(ids) >= MOST_BATCHES else ():
            await self._container.delete(_name(resource, oldest))
            await self._container.delete(_work(resource, oldest))
        await self._put(_name(resource, batch.id), batch)

    async def find(self, resource: str, identifier: str) -> StoredBatch | None:
        """The batch of that id, unless it is another resource's or unknown."""
        blob = await self.read(resource, identifier)
        return decoded(_BATCH, blob, identifier)

    async def read(self, resource: str, identifier: str) -> Blob | None:
        if not _ID.fullmatch(identifier):
            return None
        return await self._container.get(_name(resource, identifier))

    async def cancel(self, resource: str, identifier: str, at: float) -> StoredBatch | None:
        """Note that a batch is cancelled, unless it is already; None if somebody else was faster."""
        blob = await self.read(resource, identifier)
        found = decoded(_BATCH, blob, identifier)
        if blob is None or found is None:
            return None
        batch = msgspec.structs.replace(found, cancelled=at)
        name, data = _name(resource, identifier), msgspec.json.encode(batch)
        changed = await self._container.put_if_same(name, data, blob.etag)
        return batch if changed else None

    async def ids(self, resource: str) -> list[str]:
        """The ids of all batches, the oldest first."""
        return await self._container.ids(_documents(resource))

    async def work(self, resource: str, identifier: str) -> tuple[Work, str]:
        """Return the progress of the output, with the ETag to change it by; "" where nobody has begun."""
        name = _work(resource, identifier)
        blob = await self._container.get(name)
        return decoded(_WORK, blob, name) or Work(), blob.etag if blob else ""

    async def advance(self, resource: str, identifier: str, work: Work, etag: str) -> bool:
        """Note how far it is; False means that somebody else was faster, and that nothing changed."""
        name, data = _work(resource, identifier), msgspec.json.encode(work)
        return await self._put_if_same(name, data, etag)

    async def quota(self, resource: str, deployment: str) -> Blob | None:
        """The document of what the batches of a deployment hold of its quota."""
        return await self._container.get(_quota(resource, deployment))

    async def put_quota(self, resource: str, deployment: str, data: bytes, etag: str) -> bool:
        """Replace it, if it is still as it was read; `etag` is "" where there was none."""
        return await self._put_if_same(_quota(resource, deployment), data, etag)

    async def _put_if_same(self, name: str, data: bytes, etag: str) -> bool:
        if not etag:
            return await self._container.put_new(name, data)
        return await self._container.put_if_same(name, data, etag)

    async def _put(self, name: str, batch: StoredBatch) -> None:
        await self._container.put(name, msgspec.json.encode(batch))


def _folder(resource: str) -> str:
    """The resource's own folder."""
    return f"{FOLDER}{mark_of(resource)}"


def _documents(resource: str) -> str:
    return f"{_folder(resource)}/documents/"


def _name(resource: str, identifier: str) -> str:
    return f"{_documents(resource)}{identifier}.json"


def _work(resource: str, identifier: str) -> str:
    return f"{_folder(resource)}/work/{identifier}.json"


def _quota(resource: str, deployment: str) -> str:
    # Its name may hold what no name in a container may.
    return f"{_folder(resource)}/quota/{hashlib.sha256(deployment.encode()).hexdigest()[:32]}.json"
