"""A container in memory."""

from collections.abc import AsyncIterator

from simulator.recordings.container import UNCHANGED, Blob, Unchanged, checked


class MemoryContainer:
    """Lives as long as the process and is seen by it alone: for tests and measurements."""

    def __init__(self) -> None:
        self._blobs: dict[str, Blob] = {}
        self._writes = 0

    async def get(self, name: str) -> Blob | None:
        return self._blobs.get(checked(name))

    async def get_if_changed(self, name: str, etag: str) -> Blob | Unchanged | None:
        blob = self._blobs.get(checked(name))
        return UNCHANGED if blob is not None and blob.etag == etag else blob

    async def put_new(self, name: str, data: bytes) -> bool:
        if checked(name) in self._blobs:
            return False
        self._write(name, data)
        return True

    async def put(self, name: str, data: bytes) -> None:
        self._write(checked(name), data)

    async def delete(self, name: str) -> bool:
        return self._blobs.pop(checked(name), None) is not None

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        for name in sorted(self._blobs):
            if name.startswith(prefix):
                yield name

    async def close(self) -> None:
        return None

    def _write(self, name: str, data: bytes) -> None:
        self._writes += 1
        self._blobs[name] = Blob(data, str(self._writes))
