"""Events of batches: each kind, once among two instances on one store, as the real client reads it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.webhooks import UnwrapWebhookEvent
from pydantic import TypeAdapter

from tests.conftest import served
from tests.operations.batches.instance import START, Instance, jsonl, lines
from tests.support.route_clients import client_on
from tests.support.webhook_receiver import Received, Receiver

TYPES = ["batch.completed", "batch.failed", "batch.expired", "batch.cancelled"]
READER = openai.OpenAI(api_key="x")
EVENT: TypeAdapter[Any] = TypeAdapter(UnwrapWebhookEvent)


def unwrapped(received: Received, secret: str) -> Any:
    # The clock of the tests is not that of the client, whose `unwrap` would find the events too old.
    READER.webhooks.verify_signature(
        received.body, received.headers, secret=secret, tolerance=1_000_000_000
    )
    return EVENT.validate_json(received.body, strict=True)


class Pair:
    """Two instances of one app with an endpoint that wants to hear of batches."""

    def __init__(self, folder: Path, receiver: Receiver) -> None:
        self.folder = folder
        self.path = f"/{folder.name}"
        self._receiver = receiver
        self.one = self.other = Instance(folder)
        self._endpoint: Any = {}

    async def begin(self, **settings: Any) -> None:
        store = str(self.folder / "store")
        self.one = Instance(self.folder, recording_dir=store, **settings)
        self.other = Instance(self.folder, recording_dir=store, **settings)

    async def listen(self) -> None:
        url = f"{self._receiver.url}{self.path}"
        body = {"name": "mine", "url": url, "event_types": TYPES}
        reply = await self.one.ask("POST", "webhook_endpoints", body)
        assert reply.status == 201, reply.body
        self._endpoint = reply.json

    def at(self, moment: float) -> None:
        self.one.now = self.other.now = START + moment

    async def events(self, number: int) -> list[Any]:
        """The events that have come, once there is this many; a sample is sent behind them."""
        path = f"webhook_endpoints/{self._endpoint['id']}/test"
        await self._receiver.arrived(self.path, number)
        tried = await self.other.ask("POST", path, {"event_type": "batch.failed"})
        assert tried.json["status_code"] == 204
        received = await self._receiver.arrived(self.path, number + 1)
        events = [unwrapped(one, self._endpoint["signing_secret"]) for one in received]
        assert events.pop().data.id.startswith("sample")
        return events

    async def close(self) -> None:
        for instance in (self.one, self.other):
            await instance.simulator.close()


@pytest.fixture
async def pair(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Pair]:
    pair = Pair(tmp_path, receiver)
    yield pair
    await pair.close()


@pytest.mark.parametrize(
    ("kind", "content", "moment"),
    [
        ("completed", jsonl(lines(3)), 100),
        ("failed", b"{", 10),
        ("expired", jsonl(lines(3)), 86_400),
        ("cancelled", jsonl(lines(3)), 60),
    ],
)
async def test_each_end_is_sent_once(pair: Pair, kind: str, content: bytes, moment: int) -> None:
    await pair.begin(batch_duration=100_000.0 if kind == "expired" else 100.0)
    await pair.listen()
    batch = await pair.one.create(content)
    if kind == "cancelled":
        assert (await pair.other.cancel(batch, after=50)).status == 200
    pair.at(moment - 1)
    assert (await pair.other.get(batch))["status"] != kind
    pair.at(moment)
    for instance in (pair.other, pair.one):
        assert (await instance.get(batch))["status"] == kind
        assert (await instance.ask("GET", "batches")).status == 200
    [event] = await pair.events(1)
    assert (event.type, event.data.id) == (f"batch.{kind}", batch["id"])
    assert event.created_at == START + moment


async def test_a_batch_whose_input_is_deleted_has_failed(pair: Pair) -> None:
    await pair.begin()
    await pair.listen()
    batch = await pair.one.create(jsonl(lines(3)))
    assert (await pair.one.ask("DELETE", f"files/{batch['input_file_id']}")).status == 200
    pair.at(95)
    for instance in (pair.one, pair.other):
        assert (await instance.get(batch))["status"] == "failed"
    [event] = await pair.events(1)
    assert (event.type, event.created_at) == ("batch.failed", START + 90)


async def test_a_list_of_batches_sends_what_it_sees(pair: Pair) -> None:
    await pair.begin()
    await pair.listen()
    made = {(await pair.one.create(jsonl(lines(1))))["id"] for _ in range(3)}
    pair.at(100)
    for query in ("limit=1", "", ""):
        assert (await pair.other.ask("GET", "batches", query=query)).status == 200
    events = await pair.events(3)
    assert {event.data.id for event in events} == made
    assert len(events) == 3


async def test_an_endpoint_does_not_hear_of_what_was_over_before_it_was_made(pair: Pair) -> None:
    await pair.begin()
    batch = await pair.one.create(jsonl(lines(1)))
    pair.at(200)
    await pair.listen()
    assert (await pair.one.get(batch))["status"] == "completed"
    assert await pair.events(0) == []


@pytest.fixture
def host() -> Iterator[str]:
    with served({"batch_duration": 0.2}) as url:
        yield url


def test_nobody_need_look_at_a_batch(host: str, receiver: Receiver) -> None:
    with client_on("v1", host) as client:
        content = jsonl(lines(2, model="gpt-5-mini"))
        file = client.files.create(file=("a.jsonl", content), purpose="batch")
        batch = client.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
        )
        # The endpoint comes after the batch, and before its end.
        made = client.webhooks.create(
            name="mine", url=f"{receiver.url}/alone", event_types=["batch.completed"]
        )
        [received] = receiver.at("/alone")
        event: Any = client.webhooks.unwrap(
            received.body, received.headers, secret=made.signing_secret
        )
        assert (event.type, event.data.id) == ("batch.completed", batch.id)
        assert client.batches.retrieve(batch.id).status == "completed"
