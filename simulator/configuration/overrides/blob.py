"""Overrides as they are stored in the container, and who changed them last."""

import msgspec

from simulator.configuration.overrides.patch import NO_CHANGES, Overrides
from simulator.storage.container import Blob, Container, Unchanged

NAME = ".config/overrides.json"


class StoredOverrides(msgspec.Struct, frozen=True, kw_only=True):
    """All changes that are in force; when (ISO, UTC) and by whom the last were made, and of what."""

    changed_at: str = ""
    changed_by: str = ""
    changed: tuple[str, ...] = ()
    changes: Overrides = NO_CHANGES


NOTHING_KEPT = StoredOverrides()


class UnreadableError(ValueError):
    """Raised if the stored overrides cannot be understood; the text says why."""


def read_kept(blob: Blob | None) -> StoredOverrides:
    """Return the stored overrides; no blob means that nothing is overridden. Raises
    `UnreadableError`.
    """
    if blob is None:
        return NOTHING_KEPT
    try:
        return msgspec.json.decode(blob.data, type=StoredOverrides)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(str(error)) from error


async def write_kept(container: Container, kept: StoredOverrides, before: Blob | None) -> bool:
    """Writes over what was there before; False if that has changed meanwhile."""
    data = msgspec.json.format(msgspec.json.encode(kept), indent=2)
    if before is None:
        return await container.put_new(NAME, data)
    return await container.put_if_same(NAME, data, before.etag)


class Watched:
    """A blob of which only new versions are of interest. `accept` says that one has been dealt with;
    until then it is new every time."""

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
