"""The store of webhook endpoints, and of the events that have been sent."""

import math
import random
import re
from collections.abc import Callable

import msgspec
from msgspec import Struct

from simulator.errors import InvalidRequest, ItemNotFound
from simulator.operations.day_folders import DayFolders, Sweep
from simulator.operations.stores import ReportingContainer, decoded, mark_of
from simulator.operations.webhooks.signing import Ended
from simulator.storage.container import Container
from simulator.storage.several import several

FOLDER = ".webhooks/"
MOST_ENDPOINTS = 20
"""Endpoints of a resource."""
SENT = f"{FOLDER}sent/"
_SENT = DayFolders(SENT, 30 * 86_400.0)
_ID = re.compile("wh_[0-9a-f]{32}")


class Endpoint(Struct, frozen=True, kw_only=True):
    """An endpoint with its secret, which is shown once."""

    id: str
    created_at: int
    updated_at: int
    name: str
    url: str
    event_types: list[str]
    secret: str
    old_secret: str = ""
    old_until: float = 0.0
    """Until when (seconds since 1970) events are signed with the old secret, too."""

    def wants(self, ended: Ended) -> bool:
        """Return True if it is to hear of an end: one that came after it was made."""
        return ended.kind in self.event_types and self.created_at <= ended.moment

    def secrets(self, now: float) -> list[str]:
        """The secrets that events are signed with."""
        return [self.secret, self.old_secret] if now < self.old_until else [self.secret]

    def shown(self) -> dict[str, object]:
        """Return the endpoint as the API shows it, without its secret."""
        return {
            "id": self.id,
            "object": "webhook_endpoint",
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "name": self.name,
            "url": self.url,
            "event_types": self.event_types,
            "signing_secret_hint": f"{self.secret[:9]}...{self.secret[-4:]}",
        }


_DOCUMENT = msgspec.json.Decoder(Endpoint)


def endpoint_id(now: float, rng: random.Random) -> str:
    """An id like wh_0123456789abcdef0123456789abcdef; ids sort by their moment."""
    return f"wh_{int(now * 1000):012x}{rng.getrandbits(80):020x}"


class WebhookStore:
    """Keeps endpoints in a container. A container that fails is reported as `Unavailable`."""

    def __init__(self, container: Container, now: Callable[[], float]) -> None:
        self._container = ReportingContainer(container, "webhooks")
        self._sweep = Sweep(self._container, _SENT, now)

    async def endpoints(self, resource: str) -> list[Endpoint]:
        """All endpoints of a resource, the oldest first."""
        folder = _folder(resource)
        names = [name async for name in self._container.names(folder)]
        found = several(names[:MOST_ENDPOINTS], self._read, seconds=math.inf)
        return [endpoint async for endpoint in found if endpoint]

    async def find(self, resource: str, identifier: str) -> Endpoint | None:
        name = _name(resource, identifier)
        return await self._read(name) if name else None

    async def _read(self, name: str) -> Endpoint | None:
        return decoded(_DOCUMENT, await self._container.get(name), name)

    async def get(self, resource: str, identifier: str) -> Endpoint:
        """Like `find`, but what is not there is an error."""
        found = await self.find(resource, identifier)
        if found is None:
            raise ItemNotFound(f"No webhook endpoint found with id '{identifier[:200]}'.")
        return found

    async def add(self, resource: str, endpoint: Endpoint) -> None:
        if len(await self.endpoints(resource)) >= MOST_ENDPOINTS:
            raise InvalidRequest(f"A resource has at most {MOST_ENDPOINTS} webhook endpoints.")
        await self.put(resource, endpoint)

    async def put(self, resource: str, endpoint: Endpoint) -> None:
        await self._container.put(_name(resource, endpoint.id) or "", msgspec.json.encode(endpoint))

    async def delete(self, resource: str, identifier: str) -> None:
        await self.get(resource, identifier)
        await self._container.delete(_name(resource, identifier) or "")

    async def claim(self, event: str, moment: float) -> bool:
        """Return True to the first of all instances that is about to send the event of a moment."""
        claimed = await self._container.put_new(_SENT.name(moment, event), b"{}")
        await self._sweep()
        return claimed


def _folder(resource: str) -> str:
    """The resource's own folder."""
    return f"{FOLDER}endpoints/{mark_of(resource)}/"


def _name(resource: str, identifier: str) -> str | None:
    """The name in the container, or None for what is no id."""
    return f"{_folder(resource)}{identifier}.json" if _ID.fullmatch(identifier) else None
