"""A real Redis-protocol server for the session, and both stores on a clock that tests move."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import pytest

from simulator.hosting import own_valkey
from simulator.limits.memory import MemoryStore
from simulator.limits.redis_store import RedisStore, connect
from simulator.limits.store import Store
from simulator.limits.window import WindowLengths
from tests.support.clock import Clock


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with own_valkey.running() as server:
        yield server.connection_url


@dataclass
class Stores:
    """Makes stores of one kind, each with counts of its own, and closes them."""

    kind: str
    url: str
    clock: Clock
    made: list[Store] = field(default_factory=list)

    def __call__(self, lengths: WindowLengths | None = None) -> Store:
        store: Store
        if self.kind == "memory":
            store = MemoryStore(self.clock, lengths)
        else:
            prefix = f"test:{uuid.uuid4()}"
            store = RedisStore(connect(self.url), lengths=lengths, prefix=prefix, clock=self.clock)
        self.made.append(store)
        return store


MakeStore = Callable[..., Store]


@pytest.fixture(params=["memory", "redis"])
async def make_store(
    request: pytest.FixtureRequest, redis_url: str, clock: Clock
) -> AsyncIterator[MakeStore]:
    stores = Stores(request.param, redis_url, clock)
    yield stores
    for store in stores.made:
        await store.close()
