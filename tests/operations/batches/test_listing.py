"""Lists of batches: pages, and the filters of the api-versions that have them."""

from pathlib import Path
from typing import Any

import pytest

from tests.operations.batches.instance import START, Instance, jsonl, lines
from tests.support.asking import Reply, ask

FILTERED = "2025-03-01-preview"


@pytest.fixture
async def instance(tmp_path: Path) -> Instance:
    """Three batches, created 1,000 seconds apart; the second one has failed, the last one runs."""
    made = Instance(tmp_path)
    for number, content in enumerate((jsonl(lines(1)), b"{", jsonl(lines(1)))):
        made.now = START + 1_000 * number
        await made.create(content, metadata={"number": str(number)})
    made.now += 50
    return made


async def listed(instance: Instance, version: str = FILTERED, **query: Any) -> Reply:
    members = "&".join(f"{name}={value}" for name, value in query.items())
    return await ask(
        instance.simulator,
        "/openai/batches",
        method="GET",
        query=f"api-version={version}&{members}".replace(" ", "%20"),
    )


def numbers(reply: Reply) -> list[int]:
    assert reply.status == 200, reply.body
    return [int(batch["metadata"]["number"]) for batch in reply.json["data"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [2, 1, 0]),
        ({"$orderby": "created_at asc"}, [0, 1, 2]),
        ({"$orderby": "created_at desc"}, [2, 1, 0]),
        ({"$orderby": "created_at"}, [0, 1, 2]),
        ({"$filter": "status eq 'Completed'"}, [0]),
        ({"$filter": "status eq 'InProgress'"}, [2]),
        ({"$filter": "status ne 'failed'"}, [2, 0]),
        ({"$filter": f"created_at gt {int(START)}"}, [2, 1]),
        ({"$filter": f"created_at ge {int(START)} and created_at lt {int(START) + 2_000}"}, [1, 0]),
        ({"$filter": f"created_at le {int(START)} and status eq 'completed'"}, [0]),
        ({"$filter": f"created_at eq {int(START)} and status eq 'failed'"}, []),
    ],
)
async def test_batches_are_filtered_and_ordered(
    instance: Instance, query: dict[str, str], expected: list[int]
) -> None:
    assert numbers(await listed(instance, **query)) == expected


async def test_a_filtered_list_is_paged(instance: Instance) -> None:
    query: dict[str, Any] = {
        "$filter": "status ne 'failed'",
        "$orderby": "created_at asc",
        "limit": 1,
    }
    first = await listed(instance, **query)
    assert (numbers(first), first.json["has_more"]) == ([0], True)
    assert first.json["first_id"] == first.json["last_id"] == first.json["data"][0]["id"]
    last = await listed(instance, **query, after=first.json["last_id"])
    assert (numbers(last), last.json["has_more"]) == ([2], False)
    over = await listed(instance, **query, after=last.json["last_id"])
    assert (numbers(over), over.json["last_id"]) == ([], None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("$filter", "status"),
        ("$filter", "status gt 'failed'"),
        ("$filter", "status eq 7"),
        ("$filter", "created_at eq 'failed'"),
        ("$filter", "created_at gt 1 or created_at lt 2"),
        ("$filter", "endpoint eq 'a'"),
        ("$filter", "created_at gt " + "9" * 5_000),
        ("$filter", " and ".join(["created_at gt 1"] * 500)),
        ("$orderby", "status"),
        ("$orderby", "created_at up"),
        ("$orderby", "created_at " + " " * 5_000),
    ],
)
async def test_what_is_no_filter_is_refused(instance: Instance, name: str, text: str) -> None:
    reply = await listed(instance, **{name: text})
    assert (reply.status, reply.error[1]) == (400, name)


async def test_other_api_versions_have_no_filters(instance: Instance) -> None:
    reply = await listed(instance, "2024-10-21", **{"$filter": "nonsense"})
    assert numbers(reply) == [2, 1, 0]
