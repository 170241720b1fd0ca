"""The stored items that one request refers to."""

from msgspec import Raw

from simulator.errors import InvalidRequest
from simulator.operations.responses.ids import Family, family_of
from simulator.operations.responses.store import ResponseStore

MOST_REFERENCES = 500
MOST_BYTES = 16 * 2**20


class StoredItems:
    """Finds items by their ids, of one resource; each stored response is read and indexed once."""

    def __init__(self, store: ResponseStore, resource: str = "") -> None:
        self._store = store
        self._resource = resource
        self._families: dict[Family, dict[str, Raw]] = {}
        self._references = 0
        self._bytes = 0

    async def find(self, identifier: str) -> Raw | None:
        """The item; raises InvalidRequest for too many of them, or too large ones together."""
        self._references += 1
        if self._references > MOST_REFERENCES:
            raise _beyond(f"more than {MOST_REFERENCES} references to items")
        family = family_of(identifier)
        if family is None:
            return None
        if family not in self._families:
            self._families[family] = await self._store.items(family, self._resource)
        found = self._families[family].get(identifier)
        self._bytes += len(bytes(found)) if found is not None else 0
        if self._bytes > MOST_BYTES:
            raise _beyond(f"references to items of more than {MOST_BYTES >> 20} MB")
        return found


def _beyond(what: str) -> InvalidRequest:
    return InvalidRequest(f"The input has {what}.", param="input")
