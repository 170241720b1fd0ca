"""A container in memory."""

from collections.abc import AsyncIterator, Mapping

from simulator.storage.container import UNCHANGED, Blob, Unchanged, checked


class MemoryContainer:
    """Lives as long as the process and is seen by it alone: for tests and measurements.

    `bounds` says how many bytes may be held under a prefix: what was written there first goes first.
    """

    def __init__(self, bounds: Mapping[str, int] | None = None) -> None:
        self._blobs: dict[str, Blob] = {}
        self._writes = 0
        self._bounded = [_Bounded(prefix, room) for prefix, room in (bounds or {}).items()]

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

    async def put_if_same(self, name: str, data: bytes, etag: str) -> bool:
        blob = self._blobs.get(checked(name))
        if blob is None or blob.etag != etag:
            return False
        self._write(name, data)
        return True

    async def delete(self, name: str) -> bool:
        for bounded in self._bounded:
            bounded.forget(name)
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
        for bounded in self._bounded:
            for oldest in bounded.note(name, len(data)):
                del self._blobs[oldest]


class _Bounded:
    """The names under one prefix, the oldest first, and the bytes that there is room for."""

    def __init__(self, prefix: str, room: int) -> None:
        self._prefix = prefix
        self._room = room
        self._sizes: dict[str, int] = {}

    def note(self, name: str, size: int) -> list[str]:
        """Takes note of a write; says which names must go for it."""
        if not name.startswith(self._prefix):
            return []
        self.forget(name)
        self._sizes[name] = size
        self._room -= size
        gone: list[str] = []
        while self._room < 0:
            oldest = next(iter(self._sizes))
            self.forget(oldest)
            gone.append(oldest)
        return gone

    def forget(self, name: str) -> None:
        self._room += self._sizes.pop(name, 0)
