"""The quota of enqueued tokens, which a deployment's batches hold until they are over."""

import asyncio
from pathlib import Path

import pytest

from simulator.errors import InvalidRequest
from simulator.operations.batches.quota import EnqueuedTokens
from simulator.operations.batches.store import BatchStore, StoredBatch
from simulator.storage.memory import MemoryContainer
from tests.operations.batches.instance import START, Instance, jsonl, lines
from tests.support.asking import Reply

TWO = jsonl(lines(2, text="a" * 400))
"""About 250 tokens."""
DEPLOYMENTS = {
    name: {"model": "gpt-5-mini", "sku": "GlobalBatch", "enqueuedTokens": 600}
    for name in ("night", "other")
}


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path, deployments=DEPLOYMENTS)


async def post(instance: Instance, file: str) -> Reply:
    body = {"input_file_id": file, "endpoint": "/chat/completions", "completion_window": "24h"}
    return await instance.ask("POST", "batches", body)


async def test_what_is_more_than_the_quota_is_refused_until_a_batch_is_over(
    instance: Instance,
) -> None:
    file = await instance.upload(TWO)
    assert [(await post(instance, file)).status for _ in range(2)] == [200, 200]
    refused = await post(instance, file)
    assert refused.status == 400
    assert (refused.error[1], refused.error[2]) == (None, "token_limit_exceeded")
    assert "limit of 600 for the deployment 'night'" in refused.error[0]
    instance.now = START + 100
    assert (await post(instance, file)).status == 200


async def test_each_deployment_has_its_own(instance: Instance) -> None:
    for model in ("night", "other"):
        file = await instance.upload(jsonl(lines(2, text="a" * 400, model=model)))
        assert [(await post(instance, file)).status for _ in range(3)] == [200, 200, 400]


async def test_a_cancelled_batch_frees_it(instance: Instance) -> None:
    made = await instance.create(TWO)
    file = await instance.upload(TWO)
    assert [(await post(instance, file)).status for _ in range(2)] == [200, 400]
    await instance.cancel(made, after=20)
    assert (await post(instance, file)).status == 400
    instance.now = START + 30
    assert (await post(instance, file)).status == 200


async def test_a_failed_batch_holds_nothing(instance: Instance) -> None:
    bad = await instance.upload(TWO + b"{")
    assert [(await post(instance, bad)).status for _ in range(5)] == [200] * 5


async def test_instances_share_the_quota(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    instances = [Instance(tmp_path, deployments=DEPLOYMENTS, recording_dir=store) for _ in range(2)]
    file = await instances[0].upload(TWO)
    replies = await asyncio.gather(*(post(one, file) for one in instances * 3))
    assert sorted(reply.status for reply in replies) == [200, 200, 400, 400, 400, 400]


@pytest.mark.parametrize(
    ("tokens", "written"), [(30_000, "30K"), (2_000_000, "2M"), (5 * 10**9, "5B"), (1_234, "1234")]
)
async def test_the_limit_is_written_as_the_service_does(
    tmp_path: Path, tokens: int, written: str
) -> None:
    deployments = {"night": DEPLOYMENTS["night"] | {"enqueuedTokens": tokens}}
    instance = Instance(tmp_path, deployments=deployments)
    deployment = instance.simulator.deployments("").get("night")
    assert deployment is not None
    batch = StoredBatch(
        id="batch_1", created=START, finished=START + 1, endpoint="", input_file_id="",
        output_file_id="", error_file_id="", operation="", model="night", total=1,
        tokens=tokens + 1, caller="",
    )  # fmt: skip
    quota = EnqueuedTokens(BatchStore(MemoryContainer()))
    with pytest.raises(InvalidRequest, match=f"configured limit of {written} for"):
        await quota.take("", deployment, batch, START)


async def test_a_batch_that_expires_frees_it(tmp_path: Path) -> None:
    instance = Instance(tmp_path, deployments=DEPLOYMENTS, batch_duration=200_000.0)
    await instance.create(TWO)
    made = await instance.create(TWO)
    file = await instance.upload(TWO)
    instance.now = START + 86_399
    assert (await post(instance, file)).status == 400
    assert (await instance.get(made, after=86_400))["status"] == "expired"
    assert (await post(instance, file)).status == 200


async def test_a_new_batch_is_answered_as_recorded(instance: Instance) -> None:
    """An exchange on Microsoft's page on batches, Sweden Central, 2024-10-17 (its body has 619 bytes)."""
    file = await instance.upload(jsonl(lines(1)))
    answer = await post(instance, file)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert int(answer.headers["deployment-enqueued-tokens"]) > 0
    assert answer.headers["deployment-maximum-enqueued-tokens"] == "600"
    assert len(answer.body) == 619
    assert list(answer.json) == [
        "cancelled_at",
        "cancelling_at",
        "completed_at",
        "completion_window",
        "created_at",
        "error_file_id",
        "expired_at",
        "expires_at",
        "failed_at",
        "finalizing_at",
        "id",
        "in_progress_at",
        "input_file_id",
        "errors",
        "metadata",
        "object",
        "output_file_id",
        "request_counts",
        "status",
        "endpoint",
    ]
