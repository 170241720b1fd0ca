"""Two instances on one storage account: each sees at once what the other made, events are sent once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.storage.connection import StorageConnection
from tests.conftest import KEY
from tests.operations.batches.instance import START, Instance, jsonl, lines
from tests.support.asking import Reply
from tests.support.azurite import Azurite
from tests.support.webhook_receiver import Receiver

MakePair = Callable[..., tuple[Instance, Instance]]
FORM = {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"}
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture
async def make_pair(azurite: Azurite, tmp_path: Path) -> AsyncIterator[MakePair]:
    made: list[Instance] = []

    def make(**settings: Any) -> tuple[Instance, Instance]:
        connection = StorageConnection(connection_string=azurite.connection_string)
        store = {"storage": connection, "recording_container": "two-instances"}
        deployments = {
            "night": {"model": "gpt-5-mini", "sku": "GlobalBatch"},
            "gpt-4o": {"model": "gpt-4o"},
        }
        settings = {"storage_timeout": 60.0, "deployments": deployments, **store, **settings}
        made.extend(Instance(tmp_path, **settings) for _ in range(2))
        return made[-2], made[-1]

    yield make
    for instance in made:
        await instance.simulator.close()


async def same(one: Instance, other: Instance, path: str, **more: Any) -> Reply:
    """What both answer."""
    replies = [await instance.ask("GET", path, **more) for instance in (one, other)]
    assert replies[0].status == 200, replies[0].body
    assert replies[0].body == replies[1].body
    return replies[0]


async def done(instance: Instance, method: str, path: str, body: object = b"", **more: Any) -> Any:
    reply = await instance.ask(method, path, body, **more)
    assert reply.status in (200, 201), reply.body
    return reply.json


async def gone(instance: Instance, path: str) -> None:
    assert (await instance.ask("GET", path)).status == 404


async def test_files_are_the_same_on_both(make_pair: MakePair) -> None:
    one, other = make_pair()
    file = await one.upload(b"{}\n")
    for path in (f"files/{file}", f"files/{file}/content", "files"):
        await same(one, other, path)
    await done(other, "DELETE", f"files/{file}")
    await gone(one, f"files/{file}")


async def test_an_upload_in_parts_is_continued_by_the_other(make_pair: MakePair) -> None:
    one, other = make_pair()
    asked = {
        "bytes": 6, "filename": "a.jsonl", "mime_type": "application/jsonl", "purpose": "batch",
    }  # fmt: skip
    upload = (await done(one, "POST", "uploads", asked))["id"]
    parts: list[str] = []
    for instance, data in ((other, b"{}\n"), (one, b"{}\n")):
        head = b'--b\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\n'
        form = head + data + b"\r\n--b--\r\n"
        part = await done(instance, "POST", f"uploads/{upload}/parts", form, headers=FORM)
        parts.append(part["id"])
    whole = await done(other, "POST", f"uploads/{upload}/complete", {"part_ids": parts})
    content = await same(one, other, f"files/{whole['file']['id']}/content")
    assert content.body == b"{}\n{}\n"
    refused = await one.ask("POST", f"uploads/{upload}/cancel")
    assert refused.status == 400


async def test_conversations_and_their_responses_are_the_same_on_both(make_pair: MakePair) -> None:
    one, other = make_pair()
    made = await done(one, "POST", "conversations", {"items": [{"type": "message", **HELLO[0]}]})
    place = f"conversations/{made['id']}"
    await done(other, "POST", f"{place}/items", {"items": [{"type": "message", **HELLO[0]}]})
    asked = {"model": "gpt-4o", "input": "Hi", "conversation": made["id"]}
    response = await done(one, "POST", "responses", asked)
    await same(one, other, f"responses/{response['id']}")
    await same(one, other, f"responses/{response['id']}/input_items")
    items = await same(one, other, f"{place}/items", query="limit=100")
    assert len(items.json["data"]) == 4
    more = {"model": "gpt-4o", "input": "So?", "previous_response_id": response["id"]}
    await same(one, other, f"responses/{(await done(other, 'POST', 'responses', more))['id']}")
    await done(one, "DELETE", place)
    await gone(other, place)


async def test_stored_completions_are_the_same_on_both(make_pair: MakePair) -> None:
    one, other = make_pair()
    asked = {"model": "gpt-4o", "messages": HELLO, "store": True, "metadata": {"a": "b"}}
    made = await done(one, "POST", "chat/completions", asked)
    place = f"chat/completions/{made['id']}"
    await done(other, "POST", place, {"metadata": {"a": "c"}})
    for path in (place, f"{place}/messages", "chat/completions"):
        await same(one, other, path)
    assert (await same(one, other, place)).json["metadata"] == {"a": "c"}
    await done(other, "DELETE", place)
    await gone(one, place)


async def test_a_batch_is_the_same_on_both_and_has_one_event(
    make_pair: MakePair, receiver: Receiver
) -> None:
    one, other = make_pair()
    await listen(other, f"{receiver.url}/batch", "batch.completed")
    batch = await one.create(jsonl(lines(5)))
    await same(one, other, f"batches/{batch['id']}")
    one.now = other.now = START + 100
    await asyncio.gather(*(instance.get(batch) for instance in (one, other, one, other)))
    found = (await same(one, other, f"batches/{batch['id']}")).json
    assert found["status"] == "completed"
    await same(one, other, f"files/{found['output_file_id']}/content")
    await sent_once(other, receiver, "/batch", batch["id"])


async def test_a_delivery_that_failed_outlives_its_instance(
    make_pair: MakePair, receiver: Receiver
) -> None:
    one, other = make_pair()
    receiver.answers["/owed"] = [503]
    await listen(one, f"{receiver.url}/owed", "batch.completed")
    batch = await one.create(jsonl(lines(1)))
    one.now = START + 100
    await one.get(batch)
    await receiver.arrived("/owed", 1)
    await one.simulator.close()
    # Later than any lease, whether the end came before or after the failure was noted.
    other.now = START + 1_000
    await done(other, "GET", "models")
    await sent_once(other, receiver, "/owed", batch["id"], tries=2)


async def test_a_response_in_the_background_is_the_same_on_both_and_has_one_event(
    make_pair: MakePair, receiver: Receiver
) -> None:
    one, other = make_pair(chat_completions_mean=1_000.0)
    await listen(one, f"{receiver.url}/response", "response.completed")
    asked = {"model": "gpt-4o", "input": "Hi", "background": True}
    made = await done(other, "POST", "responses", asked)
    place = f"responses/{made['id']}"
    assert (await same(one, other, place)).json["status"] in ("queued", "in_progress")
    one.now = other.now = START + 100_000
    both = await asyncio.gather(*(instance.ask("GET", place) for instance in (one, other, one)))
    assert {reply.json["status"] for reply in both} <= {"completed"}
    await sent_once(one, receiver, "/response", made["id"])
    cancelled = await done(one, "POST", "responses", asked)
    await done(other, "POST", f"responses/{cancelled['id']}/cancel")
    assert (await same(one, other, f"responses/{cancelled['id']}")).json["status"] == "cancelled"


async def listen(instance: Instance, url: str, kind: str) -> None:
    """Make an endpoint, and leave no other."""
    for one in (await done(instance, "GET", "webhook_endpoints"))["data"]:
        await done(instance, "DELETE", f"webhook_endpoints/{one['id']}")
    await done(
        instance, "POST", "webhook_endpoints", {"name": "a", "url": url, "event_types": [kind]}
    )


async def sent_once(
    instance: Instance, receiver: Receiver, path: str, about: str, tries: int = 1
) -> None:
    """Check that one event has come about something, after `tries`; a sample is sent behind it."""
    [endpoint] = (await done(instance, "GET", "webhook_endpoints"))["data"]
    await receiver.arrived(path, tries)
    sample = {"event_type": "batch.failed"}
    await done(instance, "POST", f"webhook_endpoints/{endpoint['id']}/test", sample)
    *first, last = await receiver.arrived(path, tries + 1)
    assert [about.encode() in one.body for one in first] == [True] * tries
    assert b"sample" in last.body
