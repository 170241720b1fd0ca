"""The recordings as modes see them: what answers a request, and what comes nearest to it."""

import logging
from dataclasses import dataclass

from simulator.concurrency import off_loop
from simulator.errors import RecordingBroken
from simulator.messages import Request
from simulator.recordings import names
from simulator.recordings.exchange import Exchange
from simulator.recordings.fingerprint import Matching, fingerprint, legacy_fingerprint
from simulator.recordings.nearest import Nearest, differences
from simulator.recordings.store import RecordingStore
from simulator.storage.breaker import StoreUnreachable
from simulator.storage.container import StorageError

logger = logging.getLogger(__name__)

# How many recordings of a route are looked at for the nearest one.
CANDIDATES = 100


@dataclass(frozen=True, slots=True)
class RecordingKey:
    """The place of a request's exchange in the store."""

    key: str
    name: str


class Library:
    """Finds what was recorded for a request, by the rules of `matching`."""

    def __init__(self, store: RecordingStore, matching: Matching) -> None:
        self.store = store
        self._matching = matching

    async def place(self, request: Request) -> RecordingKey:
        key = await off_loop(len(request.body), lambda: fingerprint(request, self._matching))
        return RecordingKey(key, names.recording_name(request, key))

    async def find(self, request: Request, place: RecordingKey) -> Exchange | None:
        """The exchange stored there, or an imported one of which only the body's md5 is known."""
        found = await self.store.find(place.name)
        if found is None and await self.store.has_legacy():
            key = await off_loop(len(request.body), lambda: legacy_fingerprint(request))
            found = await self.store.find(names.legacy_name(key))
        return found

    async def nearest(self, request: Request) -> Nearest | None:
        """The recording of the same route that differs least, of those that can be read."""
        best: Nearest | None = None
        seen = 0
        async for name in self.store.container.names(names.route_of(request)):
            if not names.is_recording(name):
                continue
            found = await self._compared(name, request)
            if found and (best is None or len(found.differences) < len(best.differences)):
                best = found
            seen += 1
            if seen == CANDIDATES or (best is not None and not best.differences):
                break
        return best

    async def _compared(self, name: str, request: Request) -> Nearest | None:
        try:
            exchange = await self.store.find(name)
        except RecordingBroken:  # logged, and no answer to this request anyway
            return None
        except StoreUnreachable:
            raise
        except StorageError as error:  # this one alone cannot be read: archived, of another owner
            logger.warning("%s is not compared: %s", name, error)
            return None
        if exchange is None:
            return None
        return Nearest(name, exchange, differences(request, exchange.request, self._matching))
