"""Deployments in a blob of the container, followed as changes are."""

import pytest

from simulator.storage.container import StorageError
from simulator.storage.folder import FolderContainer
from tests.configuration.overrides.instances import change, chat, container_of, put_aside, show
from tests.support.asking import ask

NAME = "deployments.json"
BLOB = {"deployments_path": f"blob:{NAME}", "allow_undefined_deployments": False}
GOOD = b'{"mine": {"model": "gpt-4o", "tokensPerMinute": 60000}}'
OTHER = b'{"other": {"model": "gpt-4o"}}'
SPILLING = {
    "openai_deployments": {
        "ptu": {
            "model": "gpt-4o",
            "sku": "ProvisionedManaged",
            "ptu": 50,
            "spillover_deployment": "mine",
        }
    }
}
"""A change whose deployment spills over to one of the blob."""


@pytest.fixture
async def one(app):
    simulator = app.start(**BLOB)
    await put_aside(simulator, GOOD, NAME)
    return simulator


async def statuses(simulator):
    return [(await chat(simulator, name)).status for name in ("mine", "other")]


async def test_the_deployments_are_there_for_the_first_request(one):
    assert await statuses(one) == [200, 404]


async def test_a_new_version_is_in_force_within_five_seconds(app, one):
    await chat(one, "mine")
    await put_aside(one, OTHER, NAME)
    app.clock.now += 5
    assert await statuses(one) == [404, 200]


@pytest.mark.parametrize("bad", [b"", b"{", b"[]", b'{"a": {"model": "gpt-9"}}', b"\xff"])
async def test_a_bad_version_is_refused_in_one_line_and_the_last_good_one_stays(
    folder, caplog, bad
):
    one = folder.start(**BLOB)
    await put_aside(one, GOOD, NAME)
    await chat(one, "mine")
    await put_aside(one, bad, NAME)
    for _ in range(3):
        folder.clock.now += 5
        assert await statuses(one) == [200, 404]
    lines = [record.getMessage() for record in caplog.records if NAME in record.getMessage()]
    assert len(lines) == 1
    assert "\n" not in lines[0]


async def test_a_mended_version_is_in_force(folder):
    one = folder.start(**BLOB)
    for data in (GOOD, b"{", OTHER):
        await put_aside(one, data, NAME)
        folder.clock.now += 5
        await chat(one, "mine")
    assert await statuses(one) == [404, 200]


async def test_a_blob_that_is_removed_leaves_the_deployments_in_force(folder, caplog):
    one = folder.start(**BLOB)
    await put_aside(one, GOOD, NAME)
    await chat(one, "mine")
    await container_of(one).delete(NAME)
    folder.clock.now += 5
    assert await statuses(one) == [200, 404]
    assert "there is no such blob" in caplog.text


@pytest.mark.parametrize(("data", "why"), [(None, "there is no such blob"), (b"{", "not JSON")])
@pytest.mark.parametrize("path", ["/openai/deployments/mine/chat/completions", "/++/config"])
async def test_until_it_can_be_read_requests_learn_what_is_lacking(folder, data, why, path):
    one = folder.start(**BLOB)
    if data is not None:
        await put_aside(one, data, NAME)
    reply = await ask(one, path, {}, method="GET" if "config" in path else "POST")
    message = reply.json["error"]["message"]
    assert (reply.status, NAME in message, why in message) == (503, True, True)


async def test_replay_waits_for_the_deployments_too(folder):
    assert (await chat(folder.start(mode="replay", **BLOB), "mine")).status == 503


async def test_the_deployments_are_served_as_soon_as_they_are_there(folder):
    one = folder.start(**BLOB)
    assert (await chat(one, "mine")).status == 503
    await put_aside(one, GOOD, NAME)
    folder.clock.now += 5
    assert (await chat(one, "mine")).status == 200


async def test_while_the_store_is_away_at_the_start_requests_are_refused_with_the_cause(
    folder, monkeypatch
):
    async def fail(*_):
        raise StorageError("the disk is gone")

    monkeypatch.setattr(FolderContainer, "get", fail)
    reply = await chat(folder.start(**BLOB), "mine")
    assert (reply.status, "deployments.json" in reply.json["error"]["message"]) == (503, True)


async def test_changes_hold_on_top_of_a_new_version(folder):
    one = folder.start(**BLOB)
    await put_aside(one, GOOD, NAME)
    patch = {"openai_deployments": {"mine": {"tokens_per_minute": 5}, "added": {"model": "gpt-4o"}}}
    await change(one, patch)
    await put_aside(one, GOOD.replace(b"}}", b'}, "other": {"model": "gpt-4o"}}'), NAME)
    folder.clock.now += 5
    await chat(one, "mine")
    shown = (await show(one))["openai_deployments"]
    assert (set(shown), shown["mine"]["tokens_per_minute"]) == ({"mine", "added", "other"}, 5)


async def test_changes_are_there_with_the_first_request_after_a_restart(folder):
    one = folder.start(**BLOB)
    await put_aside(one, GOOD, NAME)
    await change(one, {"openai_deployments": {"added": {"model": "gpt-4o"}}})
    assert (await chat(folder.start(**BLOB), "added")).status == 200


async def test_changes_are_not_judged_before_the_deployments_are_there(folder, caplog):
    one = folder.start(**BLOB)
    await put_aside(one, GOOD, NAME)
    await change(one, SPILLING)
    await container_of(one).delete(NAME)
    await chat(folder.start(**BLOB), "mine")
    assert "overrides.json" not in caplog.text


async def test_a_version_that_the_changes_do_not_fit_is_refused(folder, caplog):
    one = folder.start(**BLOB)
    await put_aside(one, GOOD, NAME)
    await change(one, SPILLING)
    await put_aside(one, OTHER, NAME)
    folder.clock.now += 5
    assert await statuses(one) == [200, 404]
    assert "openai_deployments.ptu.spillover_deployment" in caplog.text
