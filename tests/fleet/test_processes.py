"""Limits of a fleet over four processes with a real server: by resource, and of a shared quota."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from simulator.hosting import own_valkey

ROOT = Path(__file__).parents[2]
PROCESSES = 4
EACH = 40


def admitted(folder: Path, fleet: dict[str, Any], most: int = 10) -> Counter[str]:
    path = folder / "fleet.json"
    path.write_text(json.dumps(fleet), encoding="utf-8")
    with own_valkey.running() as server:
        arguments = (str(path), server.connection_url, str(EACH), str(most), str(PROCESSES))
        done = subprocess.run(  # noqa: S603 - our own program, run by our own interpreter
            [sys.executable, "-m", "tests.fleet.workers", *arguments],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            timeout=120,
        )
    counts = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(counts) == PROCESSES
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total


def test_processes_share_the_limits_of_each_resource(tmp_path: Path) -> None:
    # A request costs 12 tokens: 2 of its prompt, and 10 that it may get.
    limits = {"a": 12 * 50, "b": 12 * 20}
    resources = {
        name: {
            "deployments": {
                "chat": {"model": "gpt-4.1", "tokensPerMinute": tokens, "requestsPerMinute": 10_000}
            }
        }
        for name, tokens in limits.items()
    }
    assert admitted(tmp_path, {"resources": resources}) == {"a": 50, "b": 20}


def test_processes_share_a_quota_of_several_resources(tmp_path: Path) -> None:
    resource = {"region": "East US 2", "deployments": {"chat": {"model": "gpt-4.1"}}}
    quota = {"region": "East US 2", "model": "gpt-4.1", "tokensPerMinute": 120_000}
    fleet = {"resources": {"a": resource, "b": resource}, "quotas": {"q": quota}}
    counted = admitted(tmp_path, fleet, most=5_998)
    # A request costs 6,000 tokens, so that the requests that go with the tokens decide nothing.
    assert counted.total() == 20
    assert min(counted["a"], counted["b"]) > 0
