"""The delivery of events: once among all instances, bounded, and nowhere but where it may go."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_network
from typing import Any

import pytest
from msgspec import structs

from simulator.errors import InvalidRequest, Unavailable
from simulator.operations.webhooks.delivery import (
    LONGEST_WAIT,
    MOST_REPEATED,
    MOST_WAITED_FOR,
    WAITS,
    Webhooks,
)
from simulator.operations.webhooks.destination import Destination, Resolver
from simulator.operations.webhooks.owed import OwedStore
from simulator.operations.webhooks.signing import Ended
from simulator.operations.webhooks.store import MOST_ENDPOINTS, Endpoint, WebhookStore
from simulator.storage.container import Container, StorageError
from simulator.storage.memory import MemoryContainer
from simulator.upstream.webhooks import send_webhook
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


def ended(identifier: str = "resp_1", moment: float = NOW) -> Ended:
    return Ended("response.completed", identifier, moment)


class Instance:
    """An instance of an app, with the destinations of what it has sent."""

    def __init__(self, container: Container, *answers: int | Exception) -> None:
        self.container = container
        self.clock = Clock(NOW)
        self.sent: list[Destination] = []
        self.ids: list[str] = []
        self.waited: list[float] = []
        self.store = WebhookStore(container, self.clock)
        self._answers = [*answers]
        self.owed = OwedStore(container)
        self.webhooks = self.made(self._sleep)

    def made(self, sleep: Callable[[float], Awaitable[None]]) -> Webhooks:
        clock = self.clock
        return Webhooks(self.store, self.owed, self.send, LOOPBACK, clock, clock, sleep)

    async def send(self, destination: Destination, headers: Mapping[str, str], body: bytes) -> int:
        assert headers["webhook-id"].encode() in body
        self.sent.append(destination)
        self.ids.append(headers["webhook-id"])
        answer = self._answers.pop(0) if self._answers else 204
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.clock.now += seconds

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
        await instance.webhooks.passed("", ended())
        await instance.end()
    assert len(one.sent) + len(other.sent) == 1
    await other.webhooks.passed("", ended("resp_2"))
    await other.end()
    assert len(other.sent) == 1


async def test_events_are_a_resources_own_and_of_the_types_that_are_wanted() -> None:
    instance = Instance(MemoryContainer())
    await instance.store.add("west", endpoint())
    await instance.webhooks.passed("east", ended())
    await instance.webhooks.passed("west", Ended("response.failed", "resp_1", NOW))
    await instance.end()
    assert instance.sent == []


@pytest.mark.parametrize("status", [500, 302, OSError("x"), TimeoutError()])
async def test_a_delivery_that_fails_is_logged_without_what_it_said(
    status: int | Exception, caplog: pytest.LogCaptureFixture
) -> None:
    instance = Instance(MemoryContainer(), status)
    await instance.store.add("", endpoint())
    await instance.webhooks.passed("", ended())
    await instance.end()
    assert len(instance.sent) == 2
    assert "wh_0" in caplog.text
    assert "whsec" not in caplog.text


async def test_a_delivery_is_repeated_until_it_is_accepted() -> None:
    instance = Instance(MemoryContainer(), 503, OSError(), 302, 200)
    await instance.store.add("", endpoint())
    await instance.webhooks.passed("", ended())
    await instance.end()
    assert len(instance.ids) == 4
    assert len({*instance.ids}) == 1
    assert instance.waited == [5, 10, 20]


async def test_a_delivery_is_given_up_in_the_end(caplog: pytest.LogCaptureFixture) -> None:
    instance = Instance(MemoryContainer(), *[500] * 20)
    await instance.store.add("", endpoint())
    await instance.webhooks.passed("", ended())
    await instance.end()
    assert instance.waited == [*WAITS]
    assert len(instance.sent) == len(WAITS) + 1
    assert sum(WAITS) < LONGEST_WAIT
    assert "not sent again" in caplog.text


@pytest.mark.parametrize(("moved", "ports"), [(True, [9, 8]), (False, [9])])
async def test_nothing_is_repeated_to_an_endpoint_that_is_gone_or_has_moved(
    moved: bool, ports: list[int]
) -> None:
    instance = Instance(MemoryContainer(), 500)

    async def change(seconds: float) -> None:
        instance.clock.now += seconds
        if moved:
            await instance.store.put("", endpoint(url="http://127.0.0.1:8/"))
        else:
            await instance.store.delete("", endpoint().id)

    instance.webhooks = instance.made(change)
    await instance.store.add("", endpoint())
    await instance.webhooks.passed("", ended())
    await instance.end()
    assert [one.port for one in instance.sent] == ports


async def test_the_number_of_repeated_deliveries_is_bounded() -> None:
    instance = Instance(MemoryContainer(), *[500] * (MOST_REPEATED + 3))
    await instance.store.add("", endpoint())
    patient = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await patient.wait()
        instance.clock.now += seconds

    instance.webhooks = instance.made(sleep)
    await instance.webhooks.passed(
        "", *[ended(f"resp_{number}") for number in range(MOST_REPEATED + 3)]
    )
    while len(instance.webhooks.under_way) > MOST_REPEATED:  # noqa: ASYNC110 - no event says so
        await asyncio.sleep(0)
    patient.set()
    await instance.end()
    assert len(instance.sent) == 2 * MOST_REPEATED + 3


async def test_an_endpoint_hears_of_nothing_that_ended_before_it_was_made() -> None:
    instance = Instance(MemoryContainer())
    await instance.store.add("", structs.replace(endpoint(), created_at=int(NOW)))
    await instance.webhooks.passed("", ended("resp_1", NOW - 1), ended("resp_2", NOW))
    await instance.end()
    assert len(instance.sent) == 1


async def test_a_name_that_leads_elsewhere_in_the_meantime_gets_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def elsewhere(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80))]

    instance = Instance(MemoryContainer())
    await instance.store.add("", endpoint(url="http://localhost/"))
    monkeypatch.setattr(socket, "getaddrinfo", elsewhere)
    await instance.webhooks.passed("", ended())
    await instance.end()
    assert instance.sent == []


@pytest.mark.parametrize("host", ["10.0.0.1", "[::ffff:10.0.0.1]", "127.0.0.2"])
async def test_an_address_that_was_not_looked_at_is_not_connected_to(host: str) -> None:
    """Whatever the parsers of addresses make of one: the client itself refuses."""
    destination = Destination(f"http://{host}:9/", "localhost", 9, ("127.0.0.1",))
    with pytest.raises(OSError, match="in two ways"):
        await send_webhook(destination, {}, b"{}")


async def test_a_flood_of_interim_answers_is_no_acceptance() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1_000 + b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(flood, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        there = Destination(f"http://127.0.0.1:{port}/", "127.0.0.1", port, ("127.0.0.1",))
        with pytest.raises(OSError, match="ClientPayloadError"):
            await send_webhook(there, {}, b"{}")


async def test_one_address_elsewhere_is_enough_to_refuse_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def both(*_: Any, **__: Any) -> Any:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
            for address in ("127.0.0.1", "8.8.8.8")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(InvalidRequest, match="WEBHOOK_ALLOWED_ADDRESSES"):
        await Resolver(LOOPBACK).resolved("http://a.example/")


async def test_a_moment_is_waited_for_where_somebody_wants_to_know() -> None:
    instance, looked = Instance(MemoryContainer()), list[str]()

    async def look() -> None:
        looked.append("now")

    instance.webhooks.expect("", NOW + 5, look)
    await instance.end()
    assert looked == []
    instance.waited.clear()
    instance.clock.now = NOW
    await instance.store.add("", endpoint())
    instance.webhooks.expect("", NOW + LONGEST_WAIT + 1, look)
    instance.webhooks.expect("", NOW + 5, look)
    await instance.end()
    assert looked == ["now"]
    assert [round(seconds) for seconds in instance.waited] == [5]


async def test_the_number_of_moments_that_are_waited_for_is_bounded() -> None:
    instance = Instance(MemoryContainer())

    async def look() -> None:
        return

    for _ in range(MOST_WAITED_FOR + 5):
        instance.webhooks.expect("", NOW + 5, look)
    assert len(instance.webhooks.under_way) == MOST_WAITED_FOR
    await instance.webhooks.close()
    assert not instance.webhooks.under_way


async def test_the_endpoints_of_a_resource_are_bounded() -> None:
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


async def test_names_that_take_long_hold_up_no_other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(*_: object, **__: object) -> list[object]:
        assert go_on.wait(60)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    resolver = Resolver(LOOPBACK)
    asked = [asyncio.create_task(resolver.resolved("http://slow.example/")) for _ in range(64)]
    await asyncio.sleep(0)
    assert await asyncio.to_thread(lambda: "free") == "free"
    go_on.set()
    refused = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(one) for one in refused} == {InvalidRequest}
