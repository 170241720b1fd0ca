"""A recorder and a player over one container, with clocks that tests can turn."""

from datetime import UTC, datetime

from simulator.modes.playback import Playback
from simulator.modes.record import Record
from simulator.modes.replay import Replay
from simulator.recordings.fingerprint import Matching
from simulator.recordings.library import Library
from simulator.recordings.promote import promote
from simulator.recordings.recorded_errors import RecordedErrors
from simulator.recordings.spool import Spool
from simulator.recordings.store import RecordingStore
from simulator.upstream.client import Upstream
from simulator.upstream.credentials import ApiKey
from simulator.upstream.forwarding_policy import ForwardingPolicy
from simulator.upstream.router import Router
from tests.support.clock import Clock

UPSTREAMS_KEY = "upstreams-key-0815"


class World:
    """Everything that record and replay need, over a container and a fake upstream."""

    def __init__(self, container, served, *, spooled=False):
        self.container = container
        self.served = served
        self.spooled = spooled
        self.clock = Clock()
        self.failures = 0
        self._routers = []
        self._instances = 0

    def library(self, matching=None, *, spool=None):
        store = RecordingStore(self.container, self.clock, spool=spool)
        return Library(store, matching or Matching())

    def record(
        self,
        matching=None,
        *,
        endpoint=None,
        clock=None,
        forwarders=(),
        equal_request_wait=60.0,
        rest_wait=5.0,
        errors=(),
        policy=None,
    ):
        """A new recorder, as another instance would be."""
        self._instances += 1
        spool = (
            Spool(self.container, f"instance-{self._instances}", lambda: 1_700_000_000)
            if self.spooled
            else None
        )
        upstream = Upstream(endpoint or self.served.endpoint, ApiKey(UPSTREAMS_KEY), timeout=60)
        router = Router(upstream, tuple(forwarders), policy=policy or ForwardingPolicy())
        self._routers.append(router)
        return Record(
            self.library(matching, spool=spool),
            router,
            Playback(),
            clock=clock or self.clock,
            now=lambda: datetime(2026, 11, 22, 20, 15, 3, 123_000, UTC),
            count_failure=self._count_failure,
            equal_request_wait=equal_request_wait,
            rest_wait=rest_wait,
            errors=RecordedErrors(frozenset(errors)),
        )

    def replay(self, matching=None, *, speed=1.0, on_miss=None):
        return Replay(
            self.library(matching),
            Playback(speed),
            promote=self.promote,
            clock=self.clock,
            on_miss=on_miss,
        )

    async def promote(self):
        return await promote(self.container, self.clock)

    async def names(self, prefix=""):
        return [name async for name in self.container.names(prefix)]

    async def recordings(self):
        return await self.names("v1/")

    async def stored_bytes(self):
        found = [f"{name}\n".encode() for name in await self.names()]
        found += [(await self.container.get(name)).data for name in await self.names()]
        return b"".join(found)

    def _count_failure(self):
        self.failures += 1

    async def close(self):
        for router in self._routers:
            await router.close()
        await self.container.close()
