"""A gateway in front of a fleet, over sockets: each back end gets what the fleet file says."""

import json
import math
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from tests.conftest import API_VERSION, KEY, Serve
from tests.fleet.gateway import gateway

# Requests are counted in slices of a second, so that a test need not wait for a minute.
FLEET: dict[str, Any] = {
    "resources": {
        "first": {
            "region": "Sweden Central",
            "deployments": {"chat": {"model": "gpt-4.1", "requestsPerMinute": 300}},
        },
        "second": {
            "region": "East US 2",
            "deployments": {"chat": {"model": "gpt-4.1", "requestsPerMinute": 60}},
        },
    }
}


@pytest.fixture
def fleet(serve: Serve, tmp_path: Path) -> str:
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps(FLEET), encoding="utf-8")
    return serve(fleet_path=str(path), request_slice_seconds="1", allow_undefined_deployments=False)


def requests_by_resource(fleet: str, status: int) -> Counter[str]:
    answer = httpx2.get(f"{fleet}/++/requests?limit=1000&status={status}", headers={"api-key": KEY})
    return Counter(one["resource"] for one in answer.json()["requests"])


def test_back_ends_of_a_gateway_get_their_shares(fleet: str) -> None:
    back_ends = [f"{fleet}/resources/{name}" for name in ("first", "second")]
    served: Counter[str] = Counter()
    with (
        gateway(back_ends, KEY) as url,
        openai.AzureOpenAI(
            azure_endpoint=url, api_key="the gateway's", api_version=API_VERSION, max_retries=0
        ) as client,
    ):
        began = time.monotonic()
        for _ in range(60):
            try:
                answer = client.chat.completions.with_raw_response.create(
                    model="chat", messages=[{"role": "user", "content": "Hello"}], max_tokens=1
                )
                served[answer.headers["x-ms-region"]] += 1
            except openai.RateLimitError:
                served["refused"] += 1
        seconds = math.floor(time.monotonic() - began) + 1
    # Five requests a second, and one: whatever time the test took, no second held more.
    assert 5 <= served["Sweden Central"] <= 5 * seconds
    assert 1 <= served["East US 2"] <= seconds
    admitted = requests_by_resource(fleet, 200)
    assert admitted == {"first": served["Sweden Central"], "second": served["East US 2"]}
    # The breaker waited as it was told: a back end refuses once for each time that it is full.
    assert all(refused <= seconds for refused in requests_by_resource(fleet, 429).values())
