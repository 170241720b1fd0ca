"""`/++/config` as clients see it."""

import asyncio

import pytest

from simulator.catalogue.deployment_file import parse_deployments
from simulator.configuration.overrides import members
from simulator.management.config import ChangeConfig, Config, ResetConfig
from simulator.storage.container import StorageError
from simulator.storage.folder import FolderContainer
from simulator.storage.memory import MemoryContainer
from tests.configuration.overrides.instances import (
    CONFIG,
    change,
    chat,
    configuration_of,
    reset,
    show,
)
from tests.conftest import KEY
from tests.support.asking import ask

SLOWER = {"latency": {"open_ai_chat_completions": {"mean": 5}}}
FASTER = {"latency": {"open_ai_chat_completions": {"mean": 1}}}


async def etag(simulator):
    return (await ask(simulator, CONFIG, method="GET", query="")).headers["etag"]


@pytest.mark.parametrize("path", [CONFIG, "/simulator/config"])
async def test_the_configuration_is_read_changed_and_taken_back(lone, path):
    one = lone.start()
    start = (await ask(one, path, method="GET", query="")).json
    changed = await ask(one, path, SLOWER, method="PATCH", query="")
    assert changed.json["latency"]["open_ai_chat_completions"]["mean"] == 5
    assert (await ask(one, path, method="GET", query="")).json == changed.json
    assert (await ask(one, path, method="DELETE", query="")).json == start
    assert (await ask(one, path, method="GET", query="")).json == start


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_nobody_reads_or_changes_it_without_the_key(lone, method):
    reply = await ask(lone.start(), CONFIG, SLOWER, method=method, query="", headers={})
    assert reply.status == 401


@pytest.mark.parametrize("mode", ["generate", "record", "replay"])
async def test_it_is_there_in_every_mode(folder, mode):
    one = folder.start(mode=mode, upstream_endpoint="http://127.0.0.1:9")
    assert (await show(one))["simulator_mode"] == mode


async def test_a_refused_change_is_refused_whole(lone):
    one = lone.start()
    before = await show(one)
    reply = await change(one, {**SLOWER, "answer_tokens": {"mean": 0}})
    assert (reply.status, reply.error[1]) == (400, "answer_tokens.mean")
    assert await show(one) == before


@pytest.mark.parametrize(
    ("operation", "methods"),
    [(Config, {"GET"}), (ChangeConfig, {"PATCH"}), (ResetConfig, {"DELETE"})],
)
def test_each_route_has_an_alias_without_plus(operation, methods):
    assert {route.method for route in operation.routes} == methods
    assert {route.template for route in operation.routes} == {"++/config", "simulator/config"}


async def test_a_change_of_what_was_read_is_made(app):
    one = app.start()
    assert (await change(one, SLOWER, if_match=await etag(one))).status == 200


@pytest.mark.parametrize("wanted", ["*", '"other", {}', "W/{}"])
async def test_other_ways_to_name_what_was_read_are_understood(lone, wanted):
    one = lone.start()
    given = wanted.format(await etag(one))
    assert (await change(one, SLOWER, if_match=given)).status == 200


async def test_who_comes_too_late_learns_who_was_faster_and_nothing_is_changed(app):
    one, other = app.start(), app.start()
    read = await etag(one)
    await change(other, SLOWER, user_agent="the-others-program/1")
    reply = await change(one, FASTER, if_match=read)
    message = reply.json["error"]["message"]
    assert (reply.status, reply.json["error"]["code"]) == (412, "PreconditionFailed")
    assert "the-others-program/1 changed latency.open_ai_chat_completions.mean" in message
    assert (await show(one))["latency"]["open_ai_chat_completions"]["mean"] == 5


async def test_with_the_etag_of_the_refusal_the_change_is_made(lone):
    one = lone.start()
    await change(one, SLOWER)
    refused = await change(one, FASTER, if_match='"stale"')
    assert (await change(one, FASTER, if_match=refused.headers["etag"])).status == 200


async def test_who_takes_all_back_too_late_is_refused(lone):
    one = lone.start()
    read = await etag(one)
    await change(one, SLOWER)
    assert (await reset(one, if_match=read)).status == 412
    await reset(one, user_agent="me")
    refused = await reset(one, if_match='"stale"')
    assert "me changed everything back" in refused.json["error"]["message"]


async def test_a_stale_etag_without_any_change_is_reported_too(lone):
    reply = await change(lone.start(), SLOWER, if_match='"of another version"')
    assert "started with other settings" in reply.json["error"]["message"]


async def test_changes_at_the_same_time_are_all_kept(app):
    instances = [app.start() for _ in range(4)]
    names = [f"of-{number}" for number in range(4)]
    replies = await asyncio.gather(
        *(
            change(instance, {"openai_deployments": {name: {"model": "gpt-4o"}}})
            for instance, name in zip(instances, names, strict=True)
        )
    )
    assert {reply.status for reply in replies} == {200}
    assert set(names) <= set((await show(instances[0]))["openai_deployments"])


class Away(MemoryContainer):
    """A store that fails as it is told to."""

    def __init__(self):
        super().__init__()
        self.failing = set()
        self.crowded = False

    async def get(self, name):
        if "get" in self.failing:
            raise StorageError("the store is away")
        return await super().get(name)

    async def put_new(self, name, data):
        if "put" in self.failing:
            raise StorageError("the store is away")
        return False if self.crowded else await super().put_new(name, data)


@pytest.fixture
def away(lone):
    one, container = lone.start(), Away()
    location = configuration_of(one)._location
    object.__setattr__(location, "container", container)
    configuration_of(one)._follower._overrides._container = container
    return one, container


@pytest.mark.parametrize("failing", ["get", "put"])
async def test_a_change_that_cannot_be_kept_is_not_made(away, failing):
    one, container = away
    container.failing = {failing}
    reply = await change(one, SLOWER)
    assert (reply.status, "was not made" in reply.json["error"]["message"]) == (503, True)
    container.failing = set()
    assert (await show(one))["latency"]["open_ai_chat_completions"]["mean"] == 0


async def test_a_change_whose_answer_was_lost_and_that_cannot_be_read_back_is_not_denied(away):
    one, container = away
    put_new = container.put_new

    async def unanswered(name, data):
        await put_new(name, data)
        container.failing = {"get"}
        raise StorageError("no answer")

    container.put_new = unanswered
    reply = await change(one, SLOWER)
    message = reply.json["error"]["message"]
    assert (reply.status, "is unknown" in message, "was not made" in message) == (503, True, False)


async def test_a_change_that_others_always_overtake_is_given_up(away):
    one, container = away
    container.crowded = True
    assert (await change(one, SLOWER)).status == 503


async def test_what_is_known_is_shown_while_the_store_is_away(away, caplog):
    one, container = away
    await change(one, SLOWER)
    container.failing = {"get"}
    assert (await show(one))["latency"]["open_ai_chat_completions"]["mean"] == 5
    assert "its store is unreachable: the store is away" in caplog.text


async def test_requests_are_answered_while_the_store_is_away(folder, monkeypatch, caplog):
    one = folder.start()

    async def fail(*_):
        raise StorageError("the disk is full")

    monkeypatch.setattr(FolderContainer, "get", fail)
    assert (await chat(one)).status == 200
    assert "stays as it is, its store is unreachable: the disk is full" in caplog.text


async def test_a_long_name_is_cut(folder):
    one = folder.start()
    await change(one, SLOWER, user_agent="x" * 500)
    refused = await change(one, FASTER, if_match='"stale"')
    assert "x" * 80 in refused.json["error"]["message"]
    assert "x" * 81 not in refused.json["error"]["message"]


async def test_a_client_without_a_name_has_one_in_the_refusal(lone):
    one = lone.start()
    await ask(one, CONFIG, SLOWER, method="PATCH", query="", headers={"api-key": KEY})
    refused = await change(one, FASTER, if_match='"stale"')
    assert "an unnamed client changed" in refused.json["error"]["message"]


async def test_the_deployments_are_parsed_once_for_a_change(lone, monkeypatch):
    one = lone.start()
    await change(one, {"openai_deployments": {"gpt-4o": {"tokens_per_minute": 5_000}}})
    parsed = []

    def counted(data: bytes, source: str):
        parsed.append(source)
        return parse_deployments(data, source)

    monkeypatch.setattr(members, "parse_deployments", counted)
    read = await etag(one)
    patch = {"openai_deployments": {"gpt-4o": {"requests_per_minute": 9}}}
    assert (await change(one, patch, if_match=read)).status == 200
    assert len(parsed) == 1
    assert (await reset(one)).status == 200
    assert len(parsed) == 1


async def test_a_change_may_be_in_camel_case(lone):
    one = lone.start()
    patch = {"openaiDeployments": {"gpt-4o": {"tokensPerMinute": 5_000}}, "replay": {"speed": 2}}
    reply = await change(one, patch)
    assert reply.status == 200
    assert reply.json["openai_deployments"]["gpt-4o"]["tokens_per_minute"] == 5_000
