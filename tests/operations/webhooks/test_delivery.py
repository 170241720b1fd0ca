"""The delivery of events: once among all instances, bounded, and nowhere but where it may go."""

import asyncio
import socket
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

import pytest

from simulator.errors import InvalidRequest, Unavailable
from simulator.operations.webhooks.delivery import LONGEST_WAIT, MOST_WAITED_FOR, Webhooks
from simulator.operations.webhooks.destination import Destination, resolved
from simulator.operations.webhooks.store import MOST_ENDPOINTS, Endpoint, WebhookStore
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from tests.support.clock import Clock

NOW = 1_785_164_068.25
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1"))


def endpoint(number: int = 0, url: str = "http://127.0.0.1:9/") -> Endpoint:
    return Endpoint(
        id=f"wh_{number:032x}",
        created_at=0,
        updated_at=0,
        name="mine",
        url=url,
        event_types=["response.completed"],
        secret="whsec_AAAA",
    )


class Instance:
    """An instance of an app, with the destinations of what it has sent."""

    def __init__(self, container: MemoryContainer, status: int | Exception = 204) -> None:
        self.clock = Clock(NOW)
        self.sent: list[Destination] = []
        self.waited: list[float] = []
        self.store = WebhookStore(container, self.clock)
        self._status = status
        self.webhooks = Webhooks(self.store, self._send, LOOPBACK, self.clock, self._sleep)

    async def _send(self, destination: Destination, headers: Mapping[str, str], body: bytes) -> int:
        assert headers["webhook-id"].encode() in body
        self.sent.append(destination)
        if isinstance(self._status, Exception):
            raise self._status
        return self._status

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def end(self) -> None:
        """Let everything come to its end."""
        while self.webhooks.under_way:
            await asyncio.sleep(0)
            await asyncio.gather(*self.webhooks.under_way, return_exceptions=True)


async def test_an_event_is_sent_once_among_all_instances() -> None:
    container = MemoryContainer()
    one, other = Instance(container), Instance(container)
    await one.store.add("", endpoint())
    for instance in (one, other, one):
        await instance.webhooks.passed("", "response.completed", "resp_1", NOW)
        await instance.end()
    assert len(one.sent) + len(other.sent) == 1
    await other.webhooks.passed("", "response.completed", "resp_2", NOW)
    await other.end()
    assert len(other.sent) == 1


async def test_events_are_a_resources_own_and_of_the_types_that_are_wanted() -> None:
    instance = Instance(MemoryContainer())
    await instance.store.add("west", endpoint())
    await instance.webhooks.passed("east", "response.completed", "resp_1", NOW)
    await instance.webhooks.passed("west", "response.failed", "resp_1", NOW)
    await instance.end()
    assert instance.sent == []


@pytest.mark.parametrize("status", [500, 302, OSError("x"), TimeoutError()])
async def test_a_delivery_that_fails_is_logged_without_what_it_said(
    status: int | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    instance = Instance(MemoryContainer(), status)
    await instance.store.add("", endpoint())
    await instance.webhooks.passed("", "response.completed", "resp_1", NOW)
    await instance.end()
    assert len(instance.sent) == 1
    assert "wh_0" in caplog.text
    assert "whsec" not in caplog.text


async def test_a_name_that_leads_elsewhere_in_the_meantime_gets_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def elsewhere(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80))]

    instance = Instance(MemoryContainer())
    await instance.store.add("", endpoint(url="http://localhost/"))
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", elsewhere)
    await instance.webhooks.passed("", "response.completed", "resp_1", NOW)
    await instance.end()
    assert instance.sent == []


async def test_one_address_elsewhere_is_enough_to_refuse_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def both(*_: Any, **__: Any) -> Any:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
            for address in ("127.0.0.1", "8.8.8.8")
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
    with pytest.raises(InvalidRequest, match="WEBHOOK_ALLOWED_ADDRESSES"):
        await resolved("http://a.example/", LOOPBACK)


async def test_a_moment_is_waited_for_where_somebody_wants_to_know() -> None:
    instance, looked = Instance(MemoryContainer()), list[str]()

    async def look() -> None:
        looked.append("now")

    instance.webhooks.expect("", NOW + 5, look)
    await instance.end()
    assert looked == []
    await instance.store.add("", endpoint())
    instance.webhooks.expect("", NOW + LONGEST_WAIT + 1, look)
    instance.webhooks.expect("", NOW + 5, look)
    await instance.end()
    assert looked == ["now"]
    assert [round(seconds) for seconds in instance.waited] == [5]


async def test_only_so_many_moments_are_waited_for() -> None:
    instance = Instance(MemoryContainer())

    async def look() -> None:
        return

    for _ in range(MOST_WAITED_FOR + 5):
        instance.webhooks.expect("", NOW + 5, look)
    assert len(instance.webhooks.under_way) == MOST_WAITED_FOR
    await instance.webhooks.close()
    assert not instance.webhooks.under_way


async def test_a_resource_has_only_so_many_endpoints() -> None:
    store = WebhookStore(MemoryContainer(), Clock(NOW))
    for number in range(MOST_ENDPOINTS):
        await store.add("", endpoint(number))
    with pytest.raises(InvalidRequest, match="at most"):
        await store.add("", endpoint(MOST_ENDPOINTS))
    await store.add("other", endpoint())


class Broken(MemoryContainer):
    async def get(self, name: str) -> Any:
        raise StorageError(name)

    async def put(self, name: str, data: bytes) -> None:
        raise StorageError(name)

    async def put_new(self, name: str, data: bytes) -> bool:
        raise StorageError(name)

    def names(self, prefix: str = "") -> Any:
        raise StorageError(prefix)


async def test_a_container_that_fails_is_reported() -> None:
    store, one = WebhookStore(Broken(), Clock(NOW)), endpoint()
    for work in (
        store.endpoints(""),
        store.get("", one.id),
        store.put("", one),
        store.claim("evt_1", NOW),
    ):
        with pytest.raises(Unavailable):
            await work
