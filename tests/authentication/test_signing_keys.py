import asyncio
import json
import threading

import jwt
import pytest
from pytest_httpserver import HTTPServer

from simulator.authentication.signing_keys import Keys, SigningKeys, SigningKeysError, fetch_keys
from simulator.errors import Unavailable
from tests.support.azurite import free_port
from tests.support.clock import Clock
from tests.support.entra_tenant import EntraTenant, SigningKey

FIRST, SECOND = SigningKey("first"), SigningKey("second")
DAY = 86_400


class World:
    """Keys that are read from a tenant, with a clock to turn."""

    def __init__(self, tenant: EntraTenant) -> None:
        self.tenant = tenant
        self.clock = Clock()
        self.keys = SigningKeys(lambda: fetch_keys(tenant.address), self.clock)

    async def has(self, key: SigningKey) -> bool:
        return await self.keys.find(key.id) is not None


@pytest.fixture
def world(httpserver: HTTPServer) -> World:
    return World(EntraTenant(httpserver, FIRST))


async def test_keys_are_read_once_a_day(world: World) -> None:
    assert await world.has(FIRST)
    world.clock.now += DAY - 1
    assert await world.has(FIRST)
    assert world.tenant.looks == 1
    world.clock.now += 1
    assert await world.has(FIRST)
    assert world.tenant.looks == 2


async def test_a_new_key_is_found_when_it_is_first_used(world: World) -> None:
    assert await world.has(FIRST)
    world.tenant.keys = [SECOND]
    world.tenant.publish()
    world.clock.now += 30
    assert await world.has(SECOND)
    assert not await world.has(FIRST)


async def test_invented_keys_do_not_cause_a_request_each(world: World) -> None:
    for number in range(10):
        assert await world.keys.find(f"made-up-{number}") is None
    assert world.tenant.looks == 1


async def test_keys_stay_in_use_while_no_new_ones_can_be_had(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    assert await world.has(FIRST)
    world.tenant.answer({}, 500)
    world.clock.now += DAY
    assert await world.has(FIRST)
    assert await world.has(FIRST)
    assert world.tenant.looks == 2
    assert "the keys in use stay" in caplog.text
    world.clock.now += 30
    assert await world.has(FIRST)
    assert world.tenant.looks == 3


async def test_without_any_keys_each_request_tries_again(world: World) -> None:
    world.tenant.answer({}, 500)
    for _ in range(2):
        with pytest.raises(Unavailable, match=f"{world.tenant.address} cannot be read"):
            await world.has(FIRST)
    assert world.tenant.looks == 2
    world.tenant.publish()
    assert await world.has(FIRST)


async def test_requests_at_once_share_a_look_that_does_not_hold_up_the_loop() -> None:
    looks, looking, go_on = 0, asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def fetch() -> Keys:
        nonlocal looks
        looks += 1
        loop.call_soon_threadsafe(looking.set)
        assert go_on.wait(20)
        return {}

    keys = SigningKeys(fetch, Clock())
    finding = [asyncio.create_task(keys.find("x")) for _ in range(10)]
    await looking.wait()
    go_on.set()
    assert await asyncio.gather(*finding) == [None] * 10
    assert looks == 1


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"keys":[]}', b'{"keys":[{"kty":"x"}]}', b"<html>", b"\xff"]
)
def test_what_is_no_key_set_is_an_error_that_names_the_address(
    httpserver: HTTPServer, body: bytes
) -> None:
    httpserver.expect_request("/keys").respond_with_data(body)
    address = httpserver.url_for("/keys")
    with pytest.raises(SigningKeysError, match=address):
        fetch_keys(address)


def test_nobody_there_is_an_error_that_names_the_address() -> None:
    address = f"http://127.0.0.1:{free_port()}/keys"
    with pytest.raises(SigningKeysError, match=address):
        fetch_keys(address)


def test_keys_that_cannot_be_used_or_named_are_left_out(httpserver: HTTPServer) -> None:
    nameless = {name: value for name, value in FIRST.published.items() if name != "kid"}
    keys = [nameless, {"kty": "odd", "kid": "odd"}, SECOND.published]
    httpserver.expect_request("/keys").respond_with_data(json.dumps({"keys": keys}))
    assert set(fetch_keys(httpserver.url_for("/keys"))) == {"second"}


async def test_a_look_that_drips_for_ever_holds_one_thread_and_no_request() -> None:
    looks, go_on, clock = 0, threading.Event(), Clock()
    known: Keys = {"known": jwt.PyJWK(FIRST.published)}

    def fetch() -> Keys:
        nonlocal looks
        looks += 1
        assert looks == 1 or go_on.wait(60)
        return known

    keys = SigningKeys(fetch, clock, longest_renewal=0.1)
    assert await keys.find("known")
    clock.now += DAY
    assert await keys.find("known"), "the keys in use stay"
    assert await keys.find("known"), "without another look"
    clock.now += 30
    assert [await keys.find(f"new-{number}") for number in range(3)] == [None] * 3
    assert looks == 2
    go_on.set()


async def test_without_any_keys_a_look_that_drips_is_a_503() -> None:
    go_on = threading.Event()

    def fetch() -> Keys:
        assert go_on.wait(60)
        return {}

    keys = SigningKeys(fetch, Clock(), longest_renewal=0.1)
    with pytest.raises(Unavailable, match=r"no answer in 0\.1 s"):
        await keys.find("x")
    go_on.set()


def test_a_document_of_keys_has_a_bound(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/keys").respond_with_data(b'{"keys": [' + b" " * 1_000_000 + b"]}")
    with pytest.raises(SigningKeysError, match="more than 1000000 bytes"):
        fetch_keys(httpserver.url_for("/keys"))
