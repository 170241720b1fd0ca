import socket
import uuid

import pytest

from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.redis_store import RedisStore, connect
from simulator.limits.store import StoreError
from simulator.limits.window import WindowLengths
from tests.support.clock import Clock

LIMITS = StandardLimits(tokens_per_minute=1_000, requests_per_minute=600)
PTU = ProvisionedLimits(ptu=15, input_tpm_per_ptu=2_500, output_ratio=4)


async def test_every_key_expires(redis_url: str) -> None:
    prefix, client = f"test:{uuid.uuid4()}", connect(redis_url)
    store = RedisStore(client, prefix=prefix)
    await store.hit("gpt", LIMITS, 10)
    await store.fill("gpt", PTU, 10)
    keys = await client.keys(f"{prefix}:*")
    assert len(keys) == 4
    assert all([0 < await client.ttl(key) <= 62 for key in keys])
    await store.close()


async def test_the_servers_clock_lets_tokens_come_back(redis_url: str) -> None:
    store = RedisStore(
        connect(redis_url),
        prefix=f"test:{uuid.uuid4()}",
        lengths=WindowLengths(slice=0.2, window=0.2),
    )
    await store.hit("gpt", LIMITS, 1_000)
    waits = [(await store.hit("gpt", LIMITS, 1_000)).wait for _ in range(3)]
    assert all(0 < wait <= 200_000 for wait in waits)
    assert waits == sorted(waits, reverse=True)
    await store.fill("ptu", PTU, 10)
    await store.close()


async def test_two_instances_share_one_limit(redis_url: str) -> None:
    prefix = f"test:{uuid.uuid4()}"
    one = RedisStore(connect(redis_url), prefix=prefix)
    two = RedisStore(connect(redis_url), prefix=prefix)
    await one.hit("gpt", LIMITS, 600)
    assert (await two.hit("gpt", LIMITS, 600)).wait > 0
    await one.close()
    await two.close()


async def test_scripts_that_the_server_has_forgotten_are_loaded_again(redis_url: str) -> None:
    client = connect(redis_url)
    store = RedisStore(client, prefix=f"test:{uuid.uuid4()}")
    await store.hit("gpt", LIMITS, 1)
    await client.script_flush()
    assert (await store.hit("gpt", LIMITS, 1)).requests == 2
    await store.close()


ENTRY, FUTURE = "1 1 1 1", "4e15 4e15 5 5".replace("e15", "0" * 15)


@pytest.mark.parametrize(
    ("what", "command"),
    [
        ("requests", ["SET", "a text"]),
        ("tokens", ["HSET", "level", "1"]),
        ("slice", ["RPUSH", "no entry"]),
        ("requests", ["RPUSH", "9e17 1", ENTRY]),
        ("tokens", ["RPUSH", FUTURE, FUTURE]),
        ("bucket", ["RPUSH", "1"]),
        ("bucket", ["HSET", "level", "x", "at", "1"]),
        ("bucket", ["HSET", "level", "nan", "at", "1"]),
    ],
)
async def test_counts_that_no_simulator_wrote_are_begun_anew(
    redis_url: str, what: str, command: list[str]
) -> None:
    prefix, client = f"test:{uuid.uuid4()}", connect(redis_url)
    store = RedisStore(client, prefix=prefix)
    await client.execute_command(command[0], f"{prefix}:{{gpt}}:{what}", *command[1:])
    if what == "bucket":
        fills = [await store.fill("gpt", PTU, 10) for _ in range(2)]
        assert 0 < fills[0].utilization < fills[1].utilization < 1
    else:
        hits = [await store.hit("gpt", LIMITS, 10) for _ in range(2)]
        assert [(hit.requests, hit.tokens, hit.wait) for hit in hits] == [(1, 10, 0), (2, 20, 0)]
    await store.close()


async def test_a_clock_that_was_far_ahead_holds_nobody_up(redis_url: str, clock: Clock) -> None:
    store = RedisStore(connect(redis_url), prefix=f"test:{uuid.uuid4()}", clock=clock)
    clock.now = 10_000.0
    await store.hit("gpt", LIMITS, 1_000)
    await store.fill("ptu", PTU, 40_000)
    clock.now = 1_000.0
    assert (await store.hit("gpt", LIMITS, 1_000)).wait == 0
    assert (await store.fill("ptu", PTU, 0)).wait > 0
    clock.now = 1_060.0
    assert (await store.fill("ptu", PTU, 0)).wait == 0
    await store.close()


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def test_a_server_that_is_not_there_is_away() -> None:
    store = RedisStore(connect(f"redis://127.0.0.1:{unused_port()}", timeout=0.2))
    with pytest.raises(StoreError):
        await store.hit("gpt", LIMITS, 1)
    await store.close()


async def test_a_server_that_does_not_answer_is_away() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        store = RedisStore(connect(f"redis://127.0.0.1:{silent.getsockname()[1]}", timeout=0.05))
        with pytest.raises(StoreError):
            await store.fill("gpt", PTU, 1)
        await store.close()
