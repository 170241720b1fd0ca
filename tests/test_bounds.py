"""Rows of docs/limits-of-the-simulator.md that are not tested beside what they bound."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from simulator import screening
from simulator.app import Simulator
from simulator.assembly import rules as rule_files
from simulator.journal.requests import logical_requests
from simulator.management import recordings
from simulator.operations.batches import store as batches
from simulator.operations.webhooks import delivery
from simulator.rules import subject
from simulator.storage.memory import MemoryContainer
from tests.conftest import KEY, MakeSimulator
from tests.journal.entries import entry
from tests.operations.webhooks.test_delivery import Instance, ended, endpoint
from tests.storage.test_several import add_batch, listed
from tests.support.asking import Reply, ask

HELLO = [{"role": "user", "content": "Hello"}]


async def chat(simulator: Simulator, text: str) -> str:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}
    answer = await ask(simulator, "/openai/v1/chat/completions", asked, query="")
    return answer.json["choices"][0]["message"]["content"]


async def put_rules(simulator: Simulator, *rules: dict[str, Any]) -> Reply:
    return await ask(simulator, "/++/rules", {"rules": rules}, method="PUT", query="")


async def test_recordings_are_counted_up_to_a_bound(
    make_simulator: MakeSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "v1/gpt-4o/chat-completions"
    folder.mkdir(parents=True)
    for number in range(4):
        (folder / f"{number:032x}.json").write_text("{}")
    simulator = make_simulator(recording_dir=str(tmp_path))
    whole = (await ask(simulator, "/++/recordings", method="GET", query="")).json
    monkeypatch.setattr(recordings, "MOST_COUNTED", 3)
    part = (await ask(simulator, "/++/recordings", method="GET", query="")).json
    counted = [[route["recordings"] for route in found["routes"]] for found in (whole, part)]
    assert (counted, whole["whole"], part["whole"]) == ([[4], [3]], True, False)
    await simulator.close()


async def test_the_oldest_batch_is_forgotten(
    make_simulator: MakeSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_BATCHES", 3)
    simulator = make_simulator()
    added = [(await add_batch(simulator, number))["id"] for number in range(5)]
    found = (await listed(simulator, "/openai/v1/batches")).json
    assert [one["id"] for one in found["data"]] == sorted(added, reverse=True)[:3]


async def test_webhooks_beyond_the_bound_are_not_sent_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivery, "MOST_UNDER_WAY", 1)
    instance = Instance(MemoryContainer())
    for number in range(2):
        await instance.store.add("", endpoint(number))
    await instance.webhooks.passed("", ended())
    await instance.end()
    assert len(instance.sent) == 1
    assert "too many are under way" in caplog.text


def test_a_retry_is_compared_with_the_newest_requests() -> None:
    refused = [entry(at / 1000, 429, fingerprint=1, attempt=0) for at in range(150)]
    retries = [entry(1 + at / 1000, 200, fingerprint=1, attempt=1) for at in range(150)]
    found = logical_requests([*refused, *retries])
    joined = [one for one in found if len(one.entries) > 1]
    assert (len(joined), len(found)) == (100, 200)


@pytest.mark.parametrize("searched", [{"contains": "needle"}, {"matches": "ne+dle"}])
async def test_a_rule_searches_the_beginning_of_a_long_text(
    make_simulator: MakeSimulator, monkeypatch: pytest.MonkeyPatch, searched: dict[str, str]
) -> None:
    monkeypatch.setattr(subject, "LONGEST_TEXT", 100)
    simulator = make_simulator()
    assert (await put_rules(simulator, {"when": searched, "reply": "found"})).status == 200
    assert await chat(simulator, "a " * 40 + "needle") == "found"
    assert await chat(simulator, "a " * 60 + "needle") != "found"


async def test_the_filter_looks_at_the_newest_text_of_a_prompt(
    make_simulator: MakeSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "deployments.json"
    listed = {"model": "gpt-4o", "contentFilter": {"blocklists": {"rude": ["darn"]}}}
    path.write_text(json.dumps({"gpt-4o": listed}))
    simulator = make_simulator(deployments_path=str(path))
    monkeypatch.setattr(screening, "LONGEST_TEXT", 100)
    statuses: list[int] = []
    for length in (50, 101):
        later = {"role": "user", "content": "a" * length}
        asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "darn"}, later]}
        answer = await ask(simulator, "/openai/v1/chat/completions", asked, query="")
        statuses.append(answer.status)
    assert statuses == [400, 200]


async def test_an_image_of_a_rule_has_a_largest_size(
    make_simulator: MakeSimulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    simulator = make_simulator(recording_dir=str(tmp_path))
    data_url = "data:image/png;base64," + "A" * (4 * 2**20)
    assert (await put_rules(simulator, {"image": data_url})).status == 400
    (tmp_path / "large.png").write_bytes(bytes(11))
    monkeypatch.setattr(rule_files, "LARGEST_FILE", 10)
    assert (await put_rules(simulator, {"image": "large.png"})).status == 200
    asked = {"model": "gpt-image-1", "prompt": "A logo"}
    with caplog.at_level(logging.WARNING):
        answer = await ask(simulator, "/openai/v1/images/generations", asked, query="")
    assert answer.status == 200
    assert "large.png of a rule is larger than 20 MB" in caplog.text
    await simulator.close()


CLAUDE = {"api-key": KEY, "anthropic-version": "2023-06-01"}
TOOL = {"name": "weather", "input_schema": {"type": "object"}}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}


@pytest.mark.parametrize(
    ("most", "members"),
    [
        (100, lambda number: {"messages": [{"role": "user", "content": [IMAGE] * number}]}),
        (1_024, lambda number: {"tools": [TOOL | {"name": f"t{at}"} for at in range(number)]}),
        (256, lambda number: {"stop_sequences": [f"s{at}" for at in range(number)]}),
        (100_000, lambda number: {"messages": HELLO * number}),
    ],
    ids=["images", "tools", "stop sequences", "messages"],
)
async def test_what_a_request_of_claude_may_hold_is_bounded(
    make_simulator: MakeSimulator, tmp_path: Path, most: int, members: Any
) -> None:
    path = tmp_path / "deployments.json"
    path.write_text(json.dumps({"sonnet": {"model": "claude-sonnet-4-5"}}))
    simulator = make_simulator(deployments_path=str(path))
    asked = {"model": "sonnet", "max_tokens": 5, "messages": HELLO, **members(most + 1)}
    answer = await ask(simulator, "/anthropic/v1/messages", asked, query="", headers=CLAUDE)
    assert answer.status == 400
    assert answer.json["error"]["type"] == "invalid_request_error"
    if most < 100_000:
        within = {**asked, **members(most)}
        answer = await ask(simulator, "/anthropic/v1/messages", within, query="", headers=CLAUDE)
        assert answer.status == 200, answer.body
