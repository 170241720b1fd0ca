"""The examples of fleets: what a client sees of each, on a clock that stands."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.fleet.conftest import MakeWorld, World
from tests.support.asking import Reply, ask

FLEETS = Path(__file__).parents[2] / "examples" / "fleets"


def example(name: str) -> dict[str, Any]:
    return json.loads((FLEETS / f"{name}.json").read_text(encoding="utf-8"))


async def first_that_answers(world: World, *resources: str) -> str:
    """The region that serves a client which tries these resources in turn."""
    for resource in resources:
        reply = await world.chat(resource)
        if reply.status == 200:
            return reply.headers["x-ms-region"]
    return "none"


async def test_two_regions_with_failover(make_world: MakeWorld) -> None:
    world = make_world(example("failover"), journal_size=1_000)
    served: list[str] = []
    for moment in range(0, 240, 10):
        world.at(moment)
        served.append(await first_that_answers(world, "swedencentral", "eastus2"))
    assert served == [*["Sweden Central"] * 6, *["East US 2"] * 12, *["Sweden Central"] * 6]
    world.at(240)
    reply = await ask(world.simulator, "/++/requests", method="GET", query="status=200")
    counted = Counter(one["resource"] for one in reply.json["requests"])
    assert counted == {"swedencentral": 12, "eastus2": 12}


async def test_provisioned_throughput_in_front_with_spillover(make_world: MakeWorld) -> None:
    world = make_world(example("ptu-in-front"))
    replies: list[Reply] = []
    for step in range(600):
        world.at(step / 10)
        replies.append(await world.chat("swedencentral", max_tokens=1_500))
    spilled = [one.headers["x-ms-is-spilled-over"] == "true" for one in replies]
    # 50 PTU work off 150,000 tokens a minute, and a full bucket holds as many. Answers of some 150
    # tokens weigh 600 each, ten a second 6,000 where 2,500 are worked off.
    first = spilled.index(True)
    assert 300 < first < 550
    assert 0.2 < sum(spilled[first:]) / len(spilled[first:]) < 0.8
    assert {one.headers["x-ms-deployment-name"] for one in replies if one.status == 200} == {
        "chat",
        "chat-standard",
    }
    assert all(one.status in (200, 429) for one in replies)


async def test_a_brown_out_of_one_of_three(make_world: MakeWorld) -> None:
    world = make_world(example("brown-out"))

    async def failures(moment: float) -> dict[str, float]:
        world.at(moment)
        shares: dict[str, float] = {}
        for resource in ("swedencentral", "francecentral", "eastus2"):
            statuses = [(await world.chat(resource)).status for _ in range(200)]
            shares[resource] = statuses.count(503) / 200
        return shares

    assert await failures(0) == {"swedencentral": 0, "francecentral": 0, "eastus2": 0}
    assert 0.1 < (await failures(75))["francecentral"] < 0.4
    at_worst = await failures(120)
    assert 0.4 < at_worst.pop("francecentral") < 0.6
    assert set(at_worst.values()) == {0}
    assert (await failures(240))["francecentral"] == 0


async def test_a_quota_that_is_cut_at_noon(make_world: MakeWorld) -> None:
    world = make_world(example("quota-at-noon"))

    async def tokens_in_a_minute(began: float) -> int:
        """Tokens admitted for both teams, who offer more than there is."""
        admitted = 0
        for second in range(60):
            world.at(began + second)
            for team in ("team-a", "team-b"):
                reply = await world.chat(team, max_tokens=1_998)
                admitted += 2_000 * (reply.status == 200)
        return admitted

    assert (await world.manage("scenario"))["clock"] == 0
    assert await tokens_in_a_minute(600) == 100_000
    assert await tokens_in_a_minute(780) == 20_000
    assert await tokens_in_a_minute(1_500) == 100_000
    assert await tokens_in_a_minute(2_220) == 20_000
