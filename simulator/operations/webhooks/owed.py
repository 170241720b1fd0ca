"""The store of owed deliveries: each is there, for every instance, until it is accepted or given up."""

import msgspec
from msgspec import Struct, structs

from simulator.operations.stores import ReportingContainer, decoded, mark_of
from simulator.operations.webhooks.signing import Ended, event_of
from simulator.storage.container import Container

OWED = ".webhooks/owed/"
LEASE = 60.0
"""Seconds that a delivery under way is left to the instance that tries it; it takes a quarter of that."""


class Owed(Struct, frozen=True, kw_only=True):
    """The delivery of an event to an endpoint; `due` is when to try it (seconds since 1970), which is
    the end of the lease while somebody does."""

    resource: str
    endpoint: str
    ended: Ended
    due: float
    tried: int = 0

    @property
    def name(self) -> str:
        """The name in the container: one for each event and endpoint."""
        return f"{OWED}{mark_of(self.resource)}-{event_of(self.ended).id}-{self.endpoint}.json"


class OwedStore:
    """Keeps them in a container. A container that fails is reported as `Unavailable`."""

    def __init__(self, container: Container) -> None:
        self._container = ReportingContainer(container, "webhooks")

    async def add(self, owed: Owed) -> None:
        await self._container.put_new(owed.name, msgspec.json.encode(owed))

    async def names(self, most: int) -> list[str]:
        """The names of some that are there."""
        found: list[str] = []
        async for name in self._container.names(OWED):
            found.append(name)
            if len(found) >= most:
                break
        return found

    async def find(self, name: str) -> Owed | None:
        """Return the delivery of that name; None once it is accepted or given up."""
        blob = await self._container.get(name)
        return decoded(_DOCUMENT, blob, name)

    async def take(self, name: str, by: float, now: float) -> Owed | None:
        """Begin a try of what is due by a moment; None unless it is, and for all but one instance."""
        blob = await self._container.get(name)
        found = decoded(_DOCUMENT, blob, name)
        if blob is None or found is None or found.due > by:
            return None
        taken = structs.replace(found, due=now + LEASE, tried=found.tried + 1)
        return taken if await self._put_if_same(taken, blob.etag) else None

    async def postpone(self, taken: Owed, due: float) -> None:
        """Have the next try later, unless somebody else has begun it meanwhile."""
        blob = await self._container.get(taken.name)
        if blob and decoded(_DOCUMENT, blob, taken.name) == taken:
            await self._put_if_same(structs.replace(taken, due=due), blob.etag)

    async def settle(self, name: str) -> None:
        """Forget what is accepted or given up."""
        await self._container.delete(name)

    async def _put_if_same(self, owed: Owed, etag: str) -> bool:
        return await self._container.put_if_same(owed.name, msgspec.json.encode(owed), etag)


_DOCUMENT = msgspec.json.Decoder(Owed)
