"""The recordings as modes see them: what answers a request, and what comes nearest to it."""

import asyncio
import logging
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import structs

from simulator.concurrency import SingleFlight, off_loop
from simulator.errors import RecordingBroken
from simulator.messages import Request
from simulator.recordings import names
from simulator.recordings.exchange import Exchange
from simulator.recordings.fingerprint import (
    Matching,
    counted_headers,
    fingerprint,
    legacy_fingerprint,
)
from simulator.recordings.nearest import Comparison, Nearest
from simulator.recordings.redaction import Redaction
from simulator.recordings.store import RecordingStore
from simulator.storage.breaker import StoreUnreachable
from simulator.storage.container import StorageError
from simulator.storage.several import several

_REDACTION = Redaction()
logger = logging.getLogger(__name__)

# The recordings of a route that are compared for the nearest one.
CANDIDATES = 100
# Seconds in which they are read; those that are not there by then are not compared.
COMPARED = 5.0
_READ_AT_ONCE = 4
# Bytes of them together.
_MOST_COMPARED = 64 * 2**20
MOST_RECORDED = 100 * 2**20
"""Bytes of an exchange's bodies, as they are written."""
_CONTROLS, _WIDEST = bytes(range(32)), 6


class RecordingKey(NamedTuple):
    """The place of a request's exchange in the store."""

    key: str
    name: str


class Library:
    """Finds what was recorded for a request, by the rules of `matching`, and redacts what is stored.

    A request to a resource of a fleet has recordings of its own; where they are `shared`, those that
    were made without a fleet answer it, too.
    """

    def __init__(
        self,
        store: RecordingStore,
        matching: Matching,
        redaction: Redaction = _REDACTION,
        *,
        shared: bool = False,
    ) -> None:
        self.store = store
        self._redaction = redaction
        self._matching = matching
        self._shared = shared
        self._listings: SingleFlight[list[str]] = SingleFlight()

    async def place(self, request: Request) -> RecordingKey:
        key = await off_loop(len(request.body), fingerprint, request, self._matching)
        return RecordingKey(key, names.recording_name(request, key))

    async def redacted(self, exchange: Exchange) -> Exchange:
        """The exchange as it may be stored; raises `StorageError` if it may not."""
        counted = counted_headers(exchange.request, self._matching)
        size = _bytes(exchange)
        if size * _WIDEST > MOST_RECORDED:
            size = await off_loop(size, lambda: _written(exchange))
        if size > MOST_RECORDED:
            raise StorageError(f"it takes more than {MOST_RECORDED // 2**20} MB")
        return await off_loop(size, lambda: self._redaction.exchange(exchange, counted))

    async def find(self, request: Request, place: RecordingKey) -> Exchange | None:
        """The exchange stored there, or an imported one of which only the body's md5 is known."""
        found = await self.store.find(place.name)
        if found is None and request.resource and self._shared:
            anybodys = await self.place(structs.replace(request, resource=""))
            found = await self.store.find(anybodys.name)
        if found is None and await self.store.has_legacy():
            key = await off_loop(len(request.body), lambda: legacy_fingerprint(request))
            found = await self.store.find(names.legacy_name(key))
        return found

    async def nearest(self, request: Request) -> Nearest | None:
        """The recording of the same route that differs least, of those that can be read.

        Requests of one route share the list of its recordings, and each is compared on a thread.
        """
        route = names.route_of(request)
        listed = await self._listings.share(route, lambda: self._listed(route))
        exchanges = await self._read(listed)
        if not exchanges:
            return None
        return await asyncio.to_thread(self._nearest_of, request, exchanges)

    async def _read(self, listed: Sequence[str]) -> list[tuple[str, Exchange]]:
        """The recordings of these names that can be read, until they are large together or it takes long."""
        names_left, size = iter(listed), 0
        exchanges: list[tuple[str, Exchange]] = []
        readable = several(listed, self._readable, seconds=COMPARED, at_once=_READ_AT_ONCE)
        async for exchange in readable:
            name = next(names_left)
            if exchange is not None:
                exchanges.append((name, exchange))
                size += _bytes(exchange)
            if size > _MOST_COMPARED:
                break
        return exchanges

    def _nearest_of(self, request: Request, exchanges: Sequence[tuple[str, Exchange]]) -> Nearest:
        comparison = Comparison(request, self._matching, self._redaction)
        compared = (
            Nearest(name, exchange, comparison.differences(exchange.request))
            for name, exchange in exchanges
        )
        return min(compared, key=lambda found: len(found.differences))

    async def _listed(self, route: str) -> list[str]:
        listed: list[str] = []
        async for name in self.store.container.names(route):
            if names.is_recording(name):
                listed.append(name)
            if len(listed) == CANDIDATES:
                break
        return listed

    async def _readable(self, name: str) -> Exchange | None:
        try:
            return await self.store.find(name)
        except RecordingBroken:  # logged, and no answer to this request anyway
            return None
        except StoreUnreachable:
            raise
        except StorageError as error:  # this one alone cannot be read: archived, of another owner
            logger.warning("%s is not compared: %s", name, error)
            return None


def _bytes(exchange: Exchange) -> int:
    return len(exchange.request.body) + sum(len(piece.data) for piece in exchange.pieces)


def _written(exchange: Exchange) -> int:
    """Return the bytes of the bodies in a document, where a control character takes six."""
    bodies = [exchange.request.body, *(piece.data for piece in exchange.pieces)]
    plain = sum(len(body.translate(None, _CONTROLS)) for body in bodies)
    return plain + _WIDEST * (_bytes(exchange) - plain)
