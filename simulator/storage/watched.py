"""A blob that others write, of which only new versions are of interest."""

from simulator.storage.container import Blob, Container, Unchanged


class WatchedBlob:
    """A blob of which only new versions are of interest. `accept` says that one has been dealt with;
    until then it is new every time.
    """

    def __init__(self, container: Container, name: str) -> None:
        self.name = name
        self._container = container
        self._etag = ""

    async def news(self) -> Blob | Unchanged | None:
        """`UNCHANGED`, a version to deal with, or None if there is no such blob."""
        if not self._etag:
            return await self._container.get(self.name)
        found = await self._container.get_if_changed(self.name, self._etag)
        if found is None:
            self._etag = ""
        return found

    def accept(self, blob: Blob) -> None:
        self._etag = blob.etag
