"""What one instance changes, the others follow."""

import json

import pytest

from tests.configuration.overrides.instances import (
    change,
    chat,
    configuration_of,
    container_of,
    put_aside,
    reset,
    show,
)

SLOWER = {"latency": {"open_ai_chat_completions": {"mean": 5}}}


def mean(document):
    return document["latency"]["open_ai_chat_completions"]["mean"]


def in_force(simulator):
    """What requests meet, without a look at the store."""
    return configuration_of(simulator).current.settings.chat_completions_mean


async def test_another_instance_has_the_change_in_force_within_five_seconds(app):
    one, other = app.start(), app.start()
    await chat(other)
    assert (await change(one, SLOWER)).status == 200
    app.clock.now += 5
    assert (await chat(other)).status == 200
    assert in_force(other) == 5


async def test_a_request_within_five_seconds_does_not_wait_for_a_look(app):
    one, other = app.start(), app.start()
    await chat(other)
    await change(one, SLOWER)
    app.clock.now += 2.4
    await chat(other)
    assert in_force(other) == 0


async def test_the_instance_that_makes_the_change_has_it_at_once(app):
    one = app.start()
    await change(one, SLOWER)
    assert in_force(one) == 5


async def test_a_restart_keeps_the_change(app):
    await change(app.start(), SLOWER)
    restarted = app.start()
    await chat(restarted)
    assert in_force(restarted) == 5


async def test_another_instance_shows_the_change_at_once(app):
    one, other = app.start(), app.start()
    await show(other)
    await change(one, SLOWER)
    assert mean(await show(other)) == 5


async def test_all_instances_go_back_together(app):
    one, other = app.start(), app.start()
    await change(one, SLOWER)
    await chat(other)
    assert (await reset(other)).status == 200
    app.clock.now += 5
    await chat(one)
    assert in_force(one) == in_force(other) == 0


async def test_the_document_says_where_changes_are_kept(app):
    assert (await show(app.start()))["kept_in"] in {"folder", "blobs"}


async def test_changes_of_different_fields_at_once_are_all_kept(app):
    instances = [app.start() for _ in range(3)]
    names = ["embeddings", "completions", "chat_completions"]
    for instance, name in zip(instances, names, strict=True):
        await show(instance)
        assert (await change(instance, {"latency": {f"open_ai_{name}": {"mean": 7}}})).status == 200
    latency = (await show(instances[0]))["latency"]
    assert [latency[f"open_ai_{name}"]["mean"] for name in names] == [7, 7, 7]


async def test_without_a_store_a_change_lives_in_memory_and_says_so(lone):
    one = lone.start()
    reply = await change(one, SLOWER)
    assert (reply.json["kept_in"], in_force(one)) == ("memory", 5)
    assert in_force(lone.start()) == 0


async def test_without_a_store_nobody_looks(lone):
    one = lone.start()
    lone.clock.now += 1e9
    assert configuration_of(one).due == float("inf")


async def test_every_instance_logs_what_comes_into_force_once(folder, caplog):
    one, other = folder.start(), folder.start()
    with caplog.at_level("INFO", "simulator.configuration"):
        await change(one, SLOWER, user_agent="curl/8")
        for _ in range(3):
            folder.clock.now += 5
            await chat(other)
    lines = [r.getMessage() for r in caplog.records if "is in force" in r.getMessage()]
    assert len(lines) == 2
    assert "latency.open_ai_chat_completions.mean" in lines[1]
    assert lines[1].endswith("by curl/8")


async def test_what_is_kept_can_be_edited(folder):
    one = folder.start()
    await put_aside(
        one, b'{"changes":{"settings":{"simulator_mode":"replay","answer_tokens.mean":3}}}'
    )
    await chat(one)
    document = await show(one)
    assert (document["simulator_mode"], document["answer_tokens"]["mean"]) == ("replay", 3)


@pytest.mark.parametrize(
    "edited",
    [
        b"",
        b"{",
        b"[]",
        b'{"changes":{"settings":{"latency.open_ai_chat_completions.mean":-1}}}',
        b'{"changes":{"settings":{"no.such.name":1}}}',
        b'{"changes":{"settings":{"simulator_mode":"record"}}}',
        b'{"changes":{"deployments":{"a":{"model":"gpt-9"}}}}',
        b'{"changes":{"deployments":{"a":{}}}}',
    ],
)
async def test_a_bad_edit_is_refused_and_the_last_good_one_stays_in_force(folder, caplog, edited):
    one = folder.start()
    await change(one, SLOWER)
    await put_aside(one, edited)
    for _ in range(3):
        folder.clock.now += 5
        assert (await chat(one)).status == 200
    assert in_force(one) == 5
    assert [r.message for r in caplog.records if "is refused" in r.message] == [
        next(r.message for r in caplog.records if "overrides.json is refused" in r.message)
    ]


async def test_a_bad_edit_is_named_when_something_is_to_be_changed(folder):
    one = folder.start()
    await put_aside(one, b'{"changes":{"settings":{"replay.speed":-1}}}')
    reply = await change(one, SLOWER)
    assert (reply.status, reply.json["error"]["code"]) == (409, "Conflict")
    assert "replay.speed" in reply.json["error"]["message"]


async def test_a_bad_edit_is_forgotten_with_all_changes(folder):
    one = folder.start()
    await put_aside(one, b"{")
    assert (await reset(one)).status == 200
    assert (await change(one, SLOWER)).status == 200


async def test_what_is_kept_says_who_changed_what(folder):
    one = folder.start()
    await change(one, SLOWER, user_agent="curl/8", x_forwarded_for="10.0.0.7, 10.0.0.1")
    kept = json.loads((await container_of(one).get(".config/overrides.json")).data)
    assert kept["changed_by"] == "curl/8 (10.0.0.7)"
    assert kept["changed"] == ["latency.open_ai_chat_completions.mean"]
    assert kept["changes"]["settings"] == {"latency.open_ai_chat_completions.mean": 5.0}


async def test_what_is_kept_is_removed_by_hand_and_the_start_is_back(folder):
    one = folder.start()
    await change(one, SLOWER)
    folder.clock.now += 5
    await chat(one)
    await container_of(one).delete(".config/overrides.json")
    folder.clock.now += 5
    await chat(one)
    assert in_force(one) == 0
