"""A scenario: what its entries change, its clock, and its start for all instances."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from tests.conftest import KEY, NO_LATENCY, MakeSimulator
from tests.fleet.conftest import ONE, TWO_REGIONS, Clock, MakeWorld, World
from tests.support.asking import ask


def fleet(*timeline: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"resources": {"a": {"deployments": ONE, **members}}, "timeline": list(timeline)}


DOWN = {"rules": [{"name": "down", "fault": {"kind": "unavailable"}}]}


async def statuses(world: World, *moments: float, resource: str = "a") -> list[int]:
    found: list[int] = []
    for moment in moments:
        world.at(moment)
        found.append((await world.chat(resource)).status)
    return found


async def test_rules_come_and_go_on_time(make_world: MakeWorld) -> None:
    world = make_world(
        fleet({"at": 60, "resource": "a", **DOWN}, {"at": 120, "resource": "a", "rules": []})
    )
    assert await statuses(world, 0, 59.9, 60, 119.9, 120) == [200, 200, 503, 503, 200]


async def test_null_brings_back_what_the_file_begins_with(make_world: MakeWorld) -> None:
    busy = [{"name": "busy", "fault": {"kind": "capacity"}}]
    world = make_world(
        fleet(
            {"at": 10, "resource": "a", "rules": [], "deployments": {"chat": None}},
            {"at": 20, "resource": "a", "deployments": None},
            {"at": 30, "resource": "a", "rules": None},
            rules=busy,
        )
    )
    assert await statuses(world, 0, 10, 20, 30) == [503, 404, 200, 503]


async def test_what_repeats_comes_again_and_counts_anew(make_world: MakeWorld) -> None:
    once = {"rules": [{"fault": {"kind": "unavailable"}, "times": 1}]}
    world = make_world(fleet({"at": 10, "resource": "a", "repeat": 100, **once}))
    moments = (0, 10, 11, 109, 110, 111, 100_010, 100_011)
    assert await statuses(world, *moments) == [200, 503, 200, 200, 503, 200, 503, 200]


async def test_what_repeats_some_times_ends(make_world: MakeWorld) -> None:
    up = {"at": 20, "resource": "a", "rules": [], "repeat": {"every": 100, "times": 2}}
    down = {"at": 10, "resource": "a", "repeat": {"every": 100, "times": 2}, **DOWN}
    world = make_world(fleet(down, up))
    assert await statuses(world, 0, 10, 20, 110, 120, 210) == [200, 503, 200, 503, 200, 200]
    assert (await world.manage("scenario"))["state"] == "ended"


async def limit_at(world: World, moment: float) -> int:
    world.at(moment)
    reply = await world.chat("a")
    return int(reply.headers["x-ratelimit-limit-tokens"])


async def test_numbers_go_over_some_seconds(make_world: MakeWorld) -> None:
    change = {"chat": {"tokensPerMinute": 200_000}}
    down = {"chat": {"tokensPerMinute": 100_000}}
    world = make_world(
        fleet(
            {"at": 10, "over": 100, "resource": "a", "deployments": change},
            {"at": 60, "over": 10, "resource": "a", "deployments": down},
            deployments={"chat": {"model": "gpt-4o", "tokensPerMinute": 100_000}},
        )
    )
    moments = (0, 10, 20, 59.5, 60, 65, 70, 1_000)
    limits = [await limit_at(world, moment) for moment in moments]
    assert limits == [100_000, 100_000, 110_000, 149_500, 150_000, 125_000, 100_000, 100_000]


async def test_a_ramp_that_repeats_leaves_the_number_that_was_there_before(
    make_world: MakeWorld,
) -> None:
    cut = {"at": 10, "over": 10, "repeat": 100, "resource": "a"}
    world = make_world(
        fleet(
            {**cut, "deployments": {"chat": {"tokensPerMinute": 100_000}}},
            {"at": 150, "resource": "a", "deployments": {"chat": {"tokensPerMinute": 300_000}}},
            deployments={"chat": {"model": "gpt-4o", "tokensPerMinute": 200_000}},
        )
    )
    moments = (0, 15, 20, 110, 115, 149, 150, 210, 215, 220, 310, 315)
    limits = [await limit_at(world, moment) // 1_000 for moment in moments]
    assert limits == [200, 150, 100, 100, 100, 100, 300, 300, 200, 100, 100, 100]


async def test_a_probability_rises_from_nothing(make_world: MakeWorld) -> None:
    world = make_world(fleet({"at": 0, "over": 100, "resource": "a", **DOWN}))

    async def share(moment: float) -> float:
        world.at(moment)
        return sum([(await world.chat("a")).status == 503 for _ in range(200)]) / 200

    assert await share(0) == 0
    assert 0.3 < await share(50) < 0.7
    assert await share(100) == 1
    listed = (await world.manage("rules"))["rules"]
    assert [(one["name"], one["matched"]) for one in listed] == [("down", 600)]


async def test_a_resource_of_a_fleet_slows_down_on_the_timeline(make_world: MakeWorld) -> None:
    fleet = {
        "resources": {"a": {"deployments": {"chat": {"model": "gpt-4.1"}}}},
        "timeline": [
            {"at": 10, "resource": "a", "latency": {"first_token_ms": 1000}},
            {"at": 20, "over": 10, "resource": "a", "latency": {"first_token_ms": 3000}},
            {"at": 40, "resource": "a", "latency": None},
        ],
    }
    world = make_world(fleet)

    async def until(moment: float) -> None:
        world.clock.now = max(world.clock.now, moment)

    world.simulator._pacer._until = until

    async def seconds(moment: float) -> float:
        world.at(moment)
        before = world.clock.now
        await world.chat("a", max_tokens=1)
        return world.clock.now - before

    times = [await seconds(moment) for moment in (0, 10, 25, 31, 40)]
    assert times == pytest.approx([0, 1, 2, 3, 0])


async def test_a_limit_that_is_cut_to_nothing_refuses_for_a_day(make_world: MakeWorld) -> None:
    world = make_world(
        fleet({"at": 10, "resource": "a", "deployments": {"chat": {"tokensPerMinute": 0}}})
    )
    assert await statuses(world, 0) == [200]
    world.at(10)
    refused = await world.chat("a")
    assert (refused.status, refused.headers["retry-after"]) == (429, "86400")


async def test_deployments_of_a_quota_share_it_until_it_is_cut(make_world: MakeWorld) -> None:
    def resource(**deployments: dict[str, Any]) -> dict[str, Any]:
        return {"region": "East US 2", "deployments": deployments}

    model, own = {"model": "gpt-4o"}, {"model": "gpt-4o", "tokensPerMinute": 10_000}
    world = make_world(
        {
            "resources": {
                "a": resource(one=model, two=model, own=own),
                "b": resource(one=model),
                "c": {"region": "Sweden Central", "deployments": {"one": model}},
            },
            "quotas": {"q": {"region": "eastus2", "model": "gpt-4o", "tokensPerMinute": 30_000}},
            "timeline": [{"at": 100, "quotas": {"q": {"tokensPerMinute": 15_000}}}],
        }
    )

    async def remaining(resource: str, deployment: str) -> str | None:
        reply = await world.chat(resource, deployment, max_tokens=98)
        assert reply.status == 200
        return reply.headers.get("x-ratelimit-remaining-tokens")

    # "Hello" is two tokens, so each request costs 100; 10,000 of the 30,000 are given to `own`.
    assert await remaining("a", "one") == "19900"
    assert await remaining("a", "two") == "19800"
    assert await remaining("b", "one") == "19700"
    assert await remaining("a", "own") == "9900"
    assert await remaining("c", "one") is None
    world.at(100)
    assert await remaining("b", "one") == "4900"


async def test_a_scenario_of_ten_minutes(make_world: MakeWorld) -> None:
    chat = {"chat": {"model": "gpt-4o", "requestsPerMinute": 6}}
    world = make_world(
        {
            "resources": {"a": {"deployments": chat}, "b": {"deployments": chat}},
            "timeline": [
                {"at": 120, "resource": "a", **DOWN},
                {"at": 240, "resource": "a", "rules": []},
                {"at": 300, "resource": "b", "deployments": {"chat": {"requestsPerMinute": 12}}},
                {"at": 480, "over": 60, "resource": ["a", "b"], **DOWN},
            ],
        },
        journal_size=5_000,
    )
    seen: dict[tuple[str, int], list[int]] = {}
    for second in range(600):
        for resource in ("a", "b"):
            [status] = await statuses(world, second, resource=resource)
            seen.setdefault((resource, second // 60), []).append(status)
    admitted = {key: found.count(200) for key, found in seen.items()}
    assert [admitted["a", minute] for minute in range(8)] == [6, 6, 0, 0, 6, 6, 6, 6]
    assert [admitted["b", minute] for minute in range(8)] == [6, 6, 6, 6, 6, 12, 12, 12]
    assert seen["a", 9] == seen["b", 9] == [503] * 60
    world.at(600)
    shown = await world.manage("scenario")
    assert shown == {"state": "ended", "clock": 600.0, "done": 4, "next": None}


async def test_the_document_says_what_comes_next(make_world: MakeWorld) -> None:
    entry = {"at": 60, "resource": "a", **DOWN}
    world = make_world(fleet(entry), scenario_start="manual")
    shown = await world.manage("scenario")
    following = {**entry, "in": 60.0}
    assert shown == {"state": "stopped", "clock": 0.0, "done": 0, "next": following}
    world.at(500)
    assert (await world.chat("a")).status == 200
    started = await world.manage("scenario/start", "POST")
    assert started == {"state": "running", "clock": 0.0, "done": 0, "next": following}
    world.at(540)
    shown = await world.manage("scenario")
    assert (shown["clock"], shown["next"]["in"]) == (40.0, 20.0)
    world.at(560)
    assert (await world.chat("a")).status == 503
    shown = await world.manage("scenario")
    assert shown == {"state": "ended", "clock": 60.0, "done": 1, "next": None}


async def test_stop_brings_back_the_file_and_start_begins_again(make_world: MakeWorld) -> None:
    world = make_world(fleet({"at": 10, "resource": "a", **DOWN}))
    assert await statuses(world, 0, 10) == [200, 503]
    assert (await world.manage("scenario/stop", "POST"))["state"] == "stopped"
    assert await statuses(world, 10, 1_000) == [200, 200]
    await world.manage("scenario/start", "POST")
    assert await statuses(world, 1_009, 1_010) == [200, 503]


async def test_rules_count_from_and_until_on_the_scenarios_clock(make_world: MakeWorld) -> None:
    world = make_world(TWO_REGIONS, scenario_start="manual")
    rule = {"fault": {"kind": "unavailable"}, "from": 10, "until": 20}
    await ask(world.simulator, "/++/rules", {"rules": [rule]}, query="")
    assert await statuses(world, 0, 15, resource="eastus2") == [200, 200]
    await world.manage("scenario/start", "POST")
    assert await statuses(world, 24, 25, 34, 35, resource="eastus2") == [200, 503, 503, 200]


async def test_without_a_fleet_there_is_nothing_to_start(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator()
    shown = await ask(simulator, "/++/scenario", method="GET", query="")
    assert shown.json == {"state": "stopped", "clock": 0.0, "done": 0, "next": None}
    refused = await ask(simulator, "/++/scenario/start", query="")
    assert (refused.status, refused.json["error"]["code"]) == (409, "no_fleet")


class Instances:
    """Several instances with one container, on one clock."""

    def __init__(self, folder: Path, timeline: list[dict[str, Any]]) -> None:
        self.clock = Clock()
        self._folder = folder
        self.path = folder / "fleet.json"
        self.path.write_text(json.dumps(fleet(*timeline)), encoding="utf-8")

    def another(self, **settings: Any) -> World:
        chosen = Settings(
            api_key=KEY,
            fleet_path=str(self.path),
            recording_dir=str(self._folder / "shared"),
            **{**NO_LATENCY, **settings},
        )
        simulator = create_simulator(chosen, self.clock, now=self.clock.time_of_day)
        return World(simulator, self.clock, self.path)


@pytest.fixture
def instances(tmp_path: Path) -> Instances:
    return Instances(
        tmp_path,
        [{"at": 60, "resource": "a", **DOWN}, {"at": 120, "resource": "a", "rules": []}],
    )


async def test_all_instances_follow_the_clock_of_the_first(instances: Instances) -> None:
    first = instances.another()
    assert (await first.chat("a")).status == 200
    instances.clock.now += 50
    late = instances.another()
    assert (await late.manage("scenario"))["clock"] == 50.0
    instances.clock.now += 10
    assert [(await one.chat("a")).status for one in (first, late)] == [503, 503]
    await late.manage("scenario/stop", "POST")
    instances.clock.now += 1
    assert [(await one.chat("a")).status for one in (first, late)] == [200, 200]
    await first.manage("scenario/start", "POST")
    instances.clock.now += 60
    assert [(await one.chat("a")).status for one in (first, late)] == [503, 503]


async def test_a_scenario_that_has_ended_begins_again_with_a_new_process(
    instances: Instances,
) -> None:
    await instances.another().chat("a")
    instances.clock.now += 121
    assert (await instances.another().manage("scenario"))["clock"] == 0.0


async def test_a_scenario_that_was_stopped_stays_so(instances: Instances) -> None:
    await instances.another().manage("scenario/stop", "POST")
    assert (await instances.another().manage("scenario"))["state"] == "stopped"


async def test_instances_that_start_together_have_one_beginning(instances: Instances) -> None:
    worlds = [instances.another() for _ in range(5)]
    await asyncio.gather(*(world.chat("a") for world in worlds))
    beginnings = [
        (await world.manage("scenario"))["clock"] for world in worlds if world is not None
    ]
    assert beginnings == [0.0] * 5
    stored = json.loads((instances.path.parent / "shared/.config/scenario.json").read_bytes())
    assert stored == {"began": instances.clock.time_of_day()}


async def test_a_beginning_that_cannot_be_read_changes_nothing(
    instances: Instances, caplog: pytest.LogCaptureFixture
) -> None:
    world = instances.another()
    await world.chat("a")
    stored = instances.path.parent / "shared/.config/scenario.json"
    stored.write_bytes(b"{")
    instances.clock.now += 60
    assert (await world.chat("a")).status == 503
    assert "scenario.json cannot be read" in caplog.text


async def test_a_timeline_that_changes_is_followed_on_the_same_clock(
    make_world: MakeWorld,
) -> None:
    world = make_world(fleet({"at": 100, "resource": "a", **DOWN}))
    assert await statuses(world, 0, 50) == [200, 200]
    world.write(fleet({"at": 40, "resource": "a", **DOWN}))
    assert await statuses(world, 52) == [503]
    assert (await ask(world.simulator, "/++/scenario", method="GET", query="")).json["done"] == 1


async def test_what_has_repeated_for_a_year_is_found_at_once(make_world: MakeWorld) -> None:
    entries = [{"at": at, "resource": "a", "repeat": 1, "rules": []} for at in range(500)]
    world = make_world(fleet(*entries))
    assert await statuses(world, 0, 30_000_000) == [200, 200]
