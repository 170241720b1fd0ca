"""Who a batch belongs to: the key that created it, and the resource of a fleet."""

import json
from pathlib import Path
from typing import Any

from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from tests.conftest import KEY, NO_LATENCY
from tests.operations.batches.instance import DEPLOYMENTS, JSONL, PURPOSE, Instance, jsonl, lines
from tests.support.asking import ask

CREATE = {"endpoint": "/chat/completions", "completion_window": "24h"}
KEYS = [
    {"name": "nightly", "key": "the-key-of-the-night", "role": "user", "deployments": ["night"]},
    {"name": "daily", "key": "the-key-of-the-day-00", "role": "user", "deployments": ["live"]},
]


async def test_a_batch_is_its_callers_whoever_looks(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": KEYS}))
    instance = Instance(tmp_path, keys_path=str(keys))
    body = CREATE | {"input_file_id": await instance.upload(jsonl(lines(2)))}
    other = await instance.ask("POST", "batches", body, headers={"api-key": KEYS[1]["key"]})
    assert other.status == 403
    made = await instance.ask("POST", "batches", body, headers={"api-key": KEYS[0]["key"]})
    assert made.status == 200
    assert (await instance.get(made.json, after=100))["status"] == "completed"
    journal = await ask(
        instance.simulator, "/++/requests", method="GET", query="operation=chat_completions"
    )
    rows = [(row["key"], row["batch"], row["status"]) for row in journal.json["requests"]]
    assert rows == [("nightly", True, 200)] * 2


async def test_each_resource_of_a_fleet_has_its_own(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    east = {"region": "East US 2", "deployments": DEPLOYMENTS}
    west = {"region": "West US", "deployments": {"live": DEPLOYMENTS["live"]}}
    path.write_text(json.dumps({"resources": {"east": east, "west": west}}))
    given: dict[str, Any] = {
        **NO_LATENCY,
        "api_key": KEY,
        "fleet_path": str(path),
        "batch_speed": 0.0,
        "allow_undefined_deployments": False,
    }
    settings = Settings(**given)
    simulator = create_simulator(settings)
    found: dict[str, str] = {}
    for resource in ("east", "west"):
        root = f"/resources/{resource}/openai/v1"
        headers = {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"}
        content = JSONL + jsonl(lines(1)) + PURPOSE
        file = await ask(simulator, f"{root}/files", content, query="", headers=headers)
        body = CREATE | {"input_file_id": file.json["id"]}
        made = await ask(simulator, f"{root}/batches", body, query="")
        batch = f"batches/{made.json['id']}"
        done = await ask(simulator, f"{root}/{batch}", method="GET", query="")
        found[resource] = done.json["status"]
        other = "west" if resource == "east" else "east"
        elsewhere = f"/resources/{other}/openai/v1/{batch}"
        assert (await ask(simulator, elsewhere, method="GET", query="")).status == 404
    # West has no such deployment.
    assert found == {"east": "completed", "west": "failed"}
    await simulator.close()
