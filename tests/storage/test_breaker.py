import asyncio

import pytest

from simulator.storage.breaker import Breaker, StoreUnreachable
from simulator.storage.container import StorageError


async def hang():
    await asyncio.sleep(60)


async def answer():
    return "answer"


async def refuse():
    raise StorageError("AuthorizationPermissionMismatch")


@pytest.fixture
async def opened(clock):
    breaker = Breaker(0.02, clock)
    with pytest.raises(StoreUnreachable, match="no answer within"):
        await breaker.run(hang)
    return breaker


async def test_an_operation_ends_at_its_deadline_and_the_next_one_fails_at_once(opened):
    with pytest.raises(StoreUnreachable):
        await asyncio.wait_for(opened.run(answer), 5)


async def test_after_a_second_one_operation_tries_and_the_others_still_fail(opened, clock):
    clock.now += 1
    free = asyncio.Event()
    probe = asyncio.create_task(opened.run(free.wait))
    await asyncio.sleep(0)
    with pytest.raises(StoreUnreachable):
        await opened.run(answer)
    free.set()
    await probe
    assert await opened.run(answer) == "answer"


async def test_a_probe_that_is_cancelled_leaves_the_next_one_free(opened, clock):
    clock.now += 1
    probe = asyncio.create_task(opened.run(asyncio.Event().wait))
    await asyncio.sleep(0)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert await opened.run(answer) == "answer"


async def test_a_refusal_is_an_answer(clock):
    breaker = Breaker(1, clock)
    with pytest.raises(StorageError):
        await breaker.run(refuse)
    assert await breaker.run(answer) == "answer"
