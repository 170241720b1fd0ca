"""The course of a batch, by a clock that stands still until it is set."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from simulator.operations.batches.output import LEASE
from simulator.operations.batches.store import BatchStore, Work
from simulator.storage.connection import StorageConnection
from simulator.storage.folder import FolderContainer
from tests.operations.batches.instance import START, Instance, jsonl, line, lines

MOMENTS = ("in_progress_at", "finalizing_at", "completed_at", "cancelling_at", "cancelled_at")


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path)


def moments(batch: Any) -> dict[str, float]:
    """The moments that have come, in seconds since its creation."""
    return {name: batch[name] - START for name in MOMENTS if batch[name] is not None}


def counts(batch: Any) -> tuple[int, int, int]:
    found = batch["request_counts"]
    return found["total"], found["completed"], found["failed"]


async def test_states_follow_from_the_clock(instance: Instance) -> None:
    made = await instance.create(jsonl(lines(10)), metadata={"job": "nightly"})
    assert (made["status"], counts(made), moments(made)) == ("validating", (0, 0, 0), {})
    assert made["expires_at"] == START + 86_400
    assert made["metadata"] == {"job": "nightly"}
    assert (await instance.get(made, after=9))["status"] == "validating"
    half = await instance.get(made, after=50)
    assert (half["status"], counts(half)) == ("in_progress", (10, 5, 0))
    assert (await instance.get(made, after=95))["status"] == "finalizing"
    done = await instance.get(made, after=100)
    assert (done["status"], counts(done)) == ("completed", (10, 10, 0))
    assert moments(done) == {"in_progress_at": 10, "finalizing_at": 90, "completed_at": 100}
    assert len(await instance.output(done)) == 10
    assert await instance.output(done, "error") == []


async def test_nobody_need_have_looked_meanwhile(instance: Instance) -> None:
    made = await instance.create(jsonl(lines(3)))
    done = await instance.get(made, after=50_000)
    assert (done["status"], moments(done)["completed_at"]) == ("completed", 100)


@pytest.mark.parametrize(("speed", "status"), [(0.0, "completed"), (10.0, "validating")])
async def test_a_speed_of_0_is_at_once(tmp_path: Path, speed: float, status: str) -> None:
    instance = Instance(tmp_path, batch_speed=speed)
    made = await instance.create(jsonl(lines(3)))
    assert made["status"] == "validating"
    assert (await instance.get(made))["status"] == status
    assert (await instance.get(made, after=10))["status"] == "completed"


async def test_the_output_is_the_same_each_time(instance: Instance) -> None:
    made = await instance.create(jsonl(lines(5)))
    done = await instance.get(made, after=100)
    assert await instance.output(done) == await instance.output(done)
    assert await instance.get(made) == done
    reply = await instance.ask("GET", f"files/{done['output_file_id']}")
    content = await instance.ask("GET", f"files/{done['output_file_id']}/content")
    assert reply.json["bytes"] == len(content.body)
    assert (reply.json["purpose"], reply.json["created_at"]) == ("batch_output", START + 100)


async def test_a_line_that_fails_stands_in_the_error_file(instance: Instance) -> None:
    rules = {
        "rules": [
            {"name": "busy", "when": {"contains": "busy"}, "fault": {"kind": "unavailable"}},
            {"name": "cut", "when": {"contains": "cut"}, "fault": {"kind": "disconnect"}},
            {"name": "bad", "when": {"contains": "bad"}, "fault": {"kind": "malformed"}},
            {"name": "said", "when": {"contains": "said"}, "reply": "As said."},
        ]
    }
    made = await instance.create(
        jsonl(
            [
                line("good"),
                line("busy", text="busy"),
                line("cut", text="cut"),
                line("bad", text="bad"),
                line("said", text="said"),
                line("hot", body={"temperature": 9}),
                line("streamed", body={"stream": True}),
                line("escaped", body={"streem": True}),
            ]
        ).replace(b"streem", b"str\\u0065am")
    )
    await instance.put_rules(rules)
    done = await instance.get(made, after=100)
    assert counts(done) == (8, 2, 6)
    output = {one["custom_id"]: one for one in await instance.output(done)}
    errors = {one["custom_id"]: one for one in await instance.output(done, "error")}
    assert set(output) == {"good", "said"}
    assert output["said"]["response"]["body"]["choices"][0]["message"]["content"] == "As said."
    statuses = {name: one["response"]["status_code"] for name, one in errors.items()}
    refused = {"hot": 400, "streamed": 400, "escaped": 400}
    assert statuses == {"busy": 503, "cut": 500, "bad": 500, **refused}
    assert errors["hot"]["response"]["body"]["error"]["param"] == "temperature"
    assert all(one["error"] is None for one in (*output.values(), *errors.values()))


async def test_cancelling_leaves_what_was_answered(instance: Instance) -> None:
    made = await instance.create(jsonl(lines(10)))
    reply = await instance.cancel(made, after=50)
    assert (reply.status, reply.json["status"]) == (200, "cancelling")
    assert (await instance.cancel(made, after=55)).json["status"] == "cancelling"
    done = await instance.get(made, after=60)
    assert (done["status"], counts(done)) == ("cancelled", (10, 5, 0))
    assert moments(done) == {"in_progress_at": 10, "cancelling_at": 50, "cancelled_at": 60}
    found = [one["custom_id"] for one in await instance.output(done)]
    assert found == [f"task-{number}" for number in range(5)]
    assert await instance.output(done, "error") == []
    assert (await instance.cancel(made, after=100)).json == done


async def test_a_batch_that_is_cancelled_at_once_has_empty_files(instance: Instance) -> None:
    made = await instance.create(jsonl(lines(10)))
    await instance.cancel(made, after=1)
    done = await instance.get(made, after=20)
    assert (done["status"], counts(done)) == ("cancelled", (10, 0, 0))
    assert await instance.output(done) == []


async def test_a_cancelled_batch_stays_cancelled_without_its_input(instance: Instance) -> None:
    made = await instance.create(jsonl(lines(10)))
    await instance.cancel(made, after=50)
    await instance.ask("DELETE", f"files/{made['input_file_id']}")
    done = await instance.get(made, after=60)
    assert (done["status"], counts(done)) == ("cancelled", (10, 0, 0))


@pytest.mark.parametrize("after", [91, 200])
async def test_what_is_over_cannot_be_cancelled(instance: Instance, after: float) -> None:
    made = await instance.create(jsonl(lines(3)))
    reply = await instance.cancel(made, after=after)
    assert reply.status == 409
    assert "Cannot cancel" in reply.error[0]


async def test_a_batch_expires_after_its_window(tmp_path: Path) -> None:
    instance = Instance(tmp_path, batch_duration=2 * 86_400.0)
    made = await instance.create(jsonl(lines(10)))
    assert (await instance.get(made, after=86_399))["status"] == "in_progress"
    done = await instance.get(made, after=86_400)
    assert (done["status"], done["expired_at"]) == ("expired", START + 86_400)
    assert counts(done) == (10, 5, 5)
    assert len(await instance.output(done)) == 5
    errors = await instance.output(done, "error")
    assert {one["error"]["code"] for one in errors} == {"batch_expired"}
    assert [one["response"] for one in errors] == [None] * 5


async def test_a_batch_whose_input_is_deleted_before_its_end_fails(instance: Instance) -> None:
    made = await instance.create(jsonl(lines(3)))
    await instance.ask("DELETE", f"files/{made['input_file_id']}")
    done = await instance.get(made, after=100)
    assert (done["status"], done["failed_at"]) == ("failed", START + 90)
    assert [one["code"] for one in done["errors"]["data"]] == ["input_modified"]
    assert (await instance.get(made, after=200)) == done


@pytest.mark.parametrize("kind", ["folder", "blobs"])
async def test_two_instances_on_one_store_see_the_same(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    store: dict[str, Any] = {"recording_dir": str(tmp_path / "store")}
    if kind == "blobs":
        string = request.getfixturevalue("azurite").connection_string
        connection = StorageConnection(connection_string=string)
        store = {"storage": connection, "recording_container": "batches"}
    one, other = (Instance(tmp_path, storage_timeout=60.0, **store) for _ in range(2))
    made = await one.create(jsonl(lines(40)))
    for after in (5, 50, 95):
        assert await one.get(made, after=after) == await other.get(made, after=after)
    one.now = other.now = START + 100
    both = await asyncio.gather(one.get(made), other.get(made), one.get(made))
    # Whoever does not make the output sees that it is being made.
    assert {batch["status"] for batch in both} <= {"finalizing", "completed"}
    done = await one.get(made)
    assert await other.get(made) == done
    assert done["status"] == "completed"
    assert len({one["custom_id"] for one in await other.output(done)}) == 40
    assert await other.output(done) == await one.output(done)
    await one.simulator.close()
    await other.simulator.close()


async def test_output_is_made_in_parts_by_whoever_looks(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a large one is, which takes longer than one look."""
    monkeypatch.setattr("simulator.operations.batches.output.SECONDS", 0.0)
    made = await instance.create(jsonl(lines(5)))
    seen = [await instance.get(made, after=100) for _ in range(6)]
    assert [batch["status"] for batch in seen] == ["finalizing"] * 4 + ["completed"] * 2
    done = seen[-1]
    found = [one["custom_id"] for one in await instance.output(done)]
    assert found == [f"task-{number}" for number in range(5)]


async def test_another_goes_on_where_one_has_died(tmp_path: Path) -> None:
    instance = Instance(tmp_path, recording_dir=str(tmp_path / "store"))
    made = await instance.create(jsonl(lines(3)))
    instance.now = START + 100
    store = BatchStore(FolderContainer(tmp_path / "store"))
    held = Work(holder="dead", until=instance.now + LEASE)
    assert await store.advance("", made["id"], held, "")
    assert (await instance.get(made))["status"] == "finalizing"
    assert (await instance.get(made, after=100 + LEASE))["status"] == "completed"
