"""What a change does to requests, and what it leaves alone."""

import asyncio
import json

import pytest

from tests.configuration.overrides.instances import Instances, change, chat, container_of, reset
from tests.support.asking import ask
from tests.support.fake_upstream import chat as answer_chat
from tests.support.fake_upstream import running_upstream

SPOOLED = {"recording_autosave": False}


def deployments(**named):
    return {"openai_deployments": named}


@pytest.fixture
def limited(tmp_path) -> Instances:
    """An app with one deployment, of two requests a minute."""
    path = tmp_path / "deployments.json"
    path.write_text(json.dumps({"two": {"model": "gpt-4o", "requestsPerMinute": 2}}))
    return Instances({"deployments_path": str(path), "request_slice_seconds": "60"})


@pytest.fixture
async def upstream():
    async with running_upstream() as running:
        yield running


def to(upstream):
    """The settings that lead there."""
    return {
        "upstream_endpoint": upstream.endpoint,
        "upstream_key": "of-the-upstream",
        "allow_mode_change": True,
    }


async def statuses(simulator, deployment, count):
    return [(await chat(simulator, deployment)).status for _ in range(count)]


async def test_a_change_of_something_else_gives_no_requests_back(limited):
    one = limited.start()
    assert await statuses(one, "two", 3) == [200, 200, 429]
    await change(one, {"answer_tokens": {"mean": 7}})
    await change(one, deployments(other={"model": "gpt-4o"}))
    assert await statuses(one, "two", 1) == [429]


async def test_a_raised_limit_holds_at_once_and_what_is_used_stays_used(limited):
    one = limited.start()
    assert await statuses(one, "two", 3) == [200, 200, 429]
    await change(one, deployments(two={"requests_per_minute": 3}))
    assert await statuses(one, "two", 2) == [200, 429]


async def test_the_way_back_gives_no_requests_back(limited):
    one = limited.start()
    await change(one, deployments(two={"requests_per_minute": 3}))
    assert await statuses(one, "two", 3) == [200, 200, 200]
    await reset(one)
    assert await statuses(one, "two", 1) == [429]


async def test_spillover_finds_a_deployment_that_was_added(lone):
    one = lone.start()
    await change(
        one,
        deployments(
            spare={"model": "gpt-4o"},
            ptu={
                "model": "gpt-4o",
                "sku": "ProvisionedManaged",
                "ptu": 50,
                "spillover_deployment": "spare",
            },
        ),
    )
    calls = []

    async def limiter(call):
        calls.append(call)
        return {}

    one._metering._limiters = (limiter,)
    assert (await chat(one, "ptu")).status == 200
    assert calls[0].spillover is one._active.current.deployments.get("spare")


async def test_a_request_in_flight_keeps_its_configuration(lone):
    one = lone.start(answer_tokens_mean=9, answer_tokens_std_dev=0)
    arrived, changed = asyncio.Event(), asyncio.Event()

    async def limiter(call):
        arrived.set()
        await changed.wait()
        return {}

    one._metering._limiters = (limiter,)
    flying = asyncio.create_task(chat(one, max_tokens=None))
    await arrived.wait()
    one._metering._limiters = ()
    patch = {
        "answer_tokens": {"mean": 7},
        "latency": {"open_ai_chat_completions": {"mean": 100, "std_dev": 0}},
        "simulator_mode": "replay",
        "replay": {"miss": "generate"},
        **deployments(**{"gpt-4o": {"model": "gpt-4.1"}}),
    }
    assert (await change(one, patch)).status == 200
    changed.set()
    reply = await flying
    assert reply.json["usage"]["completion_tokens"] == 9
    assert reply.json["model"].startswith("gpt-4o")
    assert lone.waited == []
    later = await chat(one, max_tokens=None)
    assert later.json["usage"]["completion_tokens"] == 7
    assert later.json["model"].startswith("gpt-4.1")
    assert lone.waited == [pytest.approx(0.7, abs=0.01)]


async def test_an_added_deployment_is_served_and_a_removed_one_is_not(lone):
    one = lone.start(allow_undefined_deployments=False)
    assert await statuses(one, "new", 1) == [404]
    await change(one, deployments(new={"model": "gpt-4o"}))
    assert await statuses(one, "new", 1) == [200]
    await change(one, deployments(new=None))
    assert await statuses(one, "new", 1) == [404]


async def test_undefined_deployments_can_be_forbidden(lone):
    one = lone.start()
    assert await statuses(one, "any-gpt-4o", 1) == [200]
    await change(one, {"allow_undefined_openai_deployments": False})
    assert await statuses(one, "any-gpt-4o", 1) == [404]


async def test_another_model_answers(lone):
    one = lone.start()
    await change(one, deployments(mine={"model": "gpt-4o"}))
    await change(one, deployments(mine={"model": "gpt-4.1-mini"}))
    assert (await chat(one, "mine")).json["model"].startswith("gpt-4.1-mini")


async def test_answers_are_as_long_as_they_are_changed_to_be(lone):
    one = lone.start()
    await change(one, {"answer_tokens": {"mean": 7, "std_dev": 0}})
    reply = await chat(one, max_tokens=None)
    assert reply.json["usage"]["completion_tokens"] == 7


async def test_answers_take_the_time_they_are_changed_to_take(lone):
    one = lone.start()
    await change(one, {"latency": {"open_ai_chat_completions": {"mean": 100, "std_dev": 0}}})
    await chat(one, max_tokens=5)
    assert lone.waited == [pytest.approx(0.5)]


async def test_a_simulator_that_only_generates_can_be_switched_to_record_and_to_replay(
    lone, upstream, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    one = lone.start(**to(upstream))
    assert (await change(one, {"simulator_mode": "record"})).status == 200
    recorded = await chat(one)
    assert recorded.headers["x-recording"] == "stored"
    await change(one, {"simulator_mode": "replay"})
    replayed = await chat(one)
    assert (replayed.headers["x-recording"], replayed.body) == ("hit", recorded.body)
    assert (await chat(lone.start(mode="replay"))).body == recorded.body


async def test_a_recording_under_way_is_stored_after_the_mode_has_changed(folder, upstream):
    one = folder.start(mode="record", **to(upstream))
    path = "/openai/deployments/gpt-4o/slow"
    arrived, changed = asyncio.Event(), asyncio.Event()

    async def held(writer, request):
        arrived.set()
        await changed.wait()
        await answer_chat(writer, request)

    upstream.behaviours["slow"] = held
    asked = asyncio.create_task(ask(one, path, {"a": 1}))
    await arrived.wait()
    await change(one, {"simulator_mode": "replay"})
    changed.set()
    assert (await asked).headers["x-recording"] == "stored"
    assert (await ask(one, path, {"a": 1})).headers["x-recording"] == "hit"


async def test_what_is_spooled_is_saved_while_recording(folder, upstream):
    one = folder.start(**to(upstream), **SPOOLED)
    save = "/++/save-recordings"
    assert (await ask(one, save, query="")).status == 409
    await change(one, {"simulator_mode": "record"})
    await chat(one)
    assert (await ask(one, save, query="")).json["saved"] == 1
    await change(one, {"simulator_mode": "generate"})
    assert (await ask(one, save, query="")).status == 409


async def test_what_is_spooled_by_a_simulator_that_was_started_to_generate_is_saved(
    lone, upstream, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    one = lone.start(**to(upstream), **SPOOLED)
    await change(one, {"simulator_mode": "record"})
    await chat(one)
    assert (await ask(one, "/++/save-recordings", query="")).json["saved"] == 1


async def test_what_is_spooled_is_replayed_after_the_mode_has_changed(folder, upstream):
    one = folder.start(mode="record", **to(upstream), **SPOOLED)
    recorded = await chat(one)
    await change(one, {"simulator_mode": "replay"})
    assert (await chat(one)).body == recorded.body


async def test_a_miss_is_answered_as_it_is_changed_to_be(folder):
    one = folder.start(mode="replay")
    assert (await chat(one)).status == 404
    await change(one, {"replay": {"miss": "generate"}})
    assert (await chat(one)).status == 200


async def test_what_does_not_count_as_a_difference_can_be_changed(folder, upstream):
    one = folder.start(mode="record", **to(upstream))
    await chat(one, user="a")
    await change(one, {"simulator_mode": "replay"})
    assert (await chat(one, user="b")).status == 404
    await change(one, {"replay": {"match_ignore": ["user"]}})
    assert (await chat(one, user="b")).status == 200


async def test_a_change_that_does_not_concern_the_mode_leaves_it_with_all_it_knows(folder):
    one = folder.start(mode="replay")
    before = one._active.current.mode
    await change(one, {"answer_tokens": {"mean": 7}})
    assert one._active.current.mode is before
    await change(one, {"replay": {"speed": 2}})
    assert one._active.current.mode is not before


async def test_a_mode_without_its_upstream_is_refused_and_nothing_is_kept(folder):
    one = folder.start()
    reply = await change(one, {"simulator_mode": "record"})
    assert (reply.status, reply.error[1]) == (400, "simulator_mode")
    assert await container_of(one).get(".config/overrides.json") is None


@pytest.mark.parametrize(
    ("started", "patch", "member"),
    [
        ("generate", {"simulator_mode": "record"}, "simulator_mode"),
        ("replay", {"simulator_mode": "record"}, "simulator_mode"),
        ("replay", {"replay": {"miss": "forward"}}, "replay.miss"),
    ],
)
async def test_a_simulator_that_was_not_started_to_forward_is_not_switched_to_it(
    folder, upstream, started, patch, member
):
    one = folder.start(mode=started, **to(upstream) | {"allow_mode_change": False})
    reply = await change(one, patch)
    assert (reply.status, reply.error[1]) == (400, member)
    assert "ALLOW_MODE_CHANGE" in reply.error[0]
    assert (await chat(one)).status != 502
    assert upstream.asked == []


async def test_a_recorder_goes_back_to_recording_without_a_permission(folder, upstream):
    one = folder.start(mode="record", **to(upstream) | {"allow_mode_change": False})
    assert (await change(one, {"simulator_mode": "replay"})).status == 200
    assert (await change(one, {"simulator_mode": "record"})).status == 200


async def test_with_named_keys_an_administrator_may_have_it_forward(folder, upstream, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text('{"keys": []}')
    options = to(upstream) | {"allow_mode_change": False, "keys_path": str(keys)}
    one = folder.start(mode="generate", **options)
    assert (await change(one, {"simulator_mode": "record"})).status == 200
