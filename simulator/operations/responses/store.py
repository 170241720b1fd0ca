"""The store of responses: for thirty days, seen by every instance."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from simulator.operations.day_folders import DayFolders, Sweep
from simulator.operations.responses.ids import Family, family_of
from simulator.operations.stores import ReportingContainer, decoded
from simulator.storage.container import Container

FOLDER = ".responses/"
RETENTION = 30 * 86_400.0
"""Seconds that a response is kept (Microsoft's page on the Responses API)."""

_DAYS = DayFolders(FOLDER, RETENTION)


class StoredResponse(Struct, frozen=True, kw_only=True):
    """A response as it is stored. Moments are in seconds since 1970.

    `body` is the answer as it is when all is done, whenever that is: who reads it takes the clock
    and `started` and `finished` to say how far a background response is. So nothing has to run
    meanwhile.
    """

    id: str
    created: float
    started: float
    finished: float
    background: bool
    body: Raw
    context: list[Raw]
    """The items that it answers, those of the responses before it too."""
    events: list[tuple[float, str]] = []
    """The events of a background stream: when each is due, counted from `created`, and its bytes."""
    cancelled: float | None = None
    conversation: str = ""
    """The id of the conversation that it belongs to."""
    resource: str = ""
    """The resource of a fleet that made it, and that alone knows it."""


class FamilyItems(NamedTuple):
    """The items of a stored response by their ids, and the ids of those that it put out."""

    items: Mapping[str, Raw]
    output: Sequence[str]


class _Items(Struct):
    output: list[Raw] = []


class _Identified(Struct):
    id: str = ""


def indexed(items: Sequence[Raw]) -> FamilyItems:
    """The items of a conversation, each of which may be followed by any other."""
    found = {_ITEM.decode(item).id: item for item in items}
    return FamilyItems(found, tuple(found))


_DOCUMENT = msgspec.json.Decoder(StoredResponse)
_OUTPUT = msgspec.json.Decoder(_Items)
_ITEM = msgspec.json.Decoder(_Identified)


class ResponseStore:
    """Keeps responses in a container. A container that fails is reported as `Unavailable`."""

    def __init__(self, container: Container, now: Callable[[], float]) -> None:
        self._container = ReportingContainer(container, "responses")
        self._now = now
        self._sweep = Sweep(self._container, _DAYS, now)

    async def find(self, identifier: str, resource: str = "") -> StoredResponse | None:
        """The response of that id, unless it is another resource's, unknown, deleted or too old."""
        family = family_of(identifier)
        stored = await self._read(_name(family)) if family else None
        if stored is None or stored.id != identifier or stored.resource != resource:
            return None
        return stored

    async def items(self, family: Family, resource: str = "") -> FamilyItems:
        """Return the items of the stored response of that family; none if there is no such response."""
        stored = await self._read(_name(family))
        if stored is None or stored.resource != resource:
            return FamilyItems({}, ())
        output = _OUTPUT.decode(stored.body).output
        items = [*output, *stored.context]
        return FamilyItems(
            {_ITEM.decode(item).id: item for item in reversed(items)},
            tuple(_ITEM.decode(item).id for item in output),
        )

    async def keep(self, stored: StoredResponse) -> None:
        family = family_of(stored.id)
        if family is None:
            raise ValueError(f"not the id of a response: {stored.id!r}")
        await self._container.put(_name(family), msgspec.json.encode(stored))
        await self._sweep()

    async def drop(self, identifier: str) -> None:
        family = family_of(identifier)
        if family is not None:
            await self._container.delete(_name(family))

    async def _read(self, name: str) -> StoredResponse | None:
        blob = await self._container.get(name)
        stored = decoded(_DOCUMENT, blob, name)
        if stored is not None and self._now() - stored.created > RETENTION:
            await self._container.delete(name)
            return None
        return stored


def _name(family: Family) -> str:
    return _DAYS.name(family.second, family.digits)
