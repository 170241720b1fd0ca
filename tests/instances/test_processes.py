"""Processes on one container of blobs, with limits in memory: each takes its share."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.conftest import API_VERSION, KEY
from tests.support.azurite import Azurite

ROOT = Path(__file__).parents[2]
PATH = f"/openai/deployments/chat/embeddings?api-version={API_VERSION}"
LIMIT = 600
# A slice of ten seconds may hold a sixth of a minute's requests.
SLICE = LIMIT // 6


class Instance:
    """A process that serves."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.client = httpx2.AsyncClient(base_url=url, headers={"api-key": KEY}, timeout=30)
        self.names: set[str] = set()

    async def admitted(self, requests: int) -> int:
        answers = [await self.client.post(PATH, json={"input": "x"}) for _ in range(requests)]
        self.names |= {answer.headers["x-simulator-instance"] for answer in answers}
        return sum(answer.status_code == 200 for answer in answers)

    async def number(self) -> int:
        return (await self.client.get("/++/ready")).json()["instances"]


@contextlib.asynccontextmanager
async def serving(settings: dict[str, str]) -> AsyncIterator[Instance]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "serve", "--port", "0", "--fast"),
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    instance = Instance(process, line.split()[-1])
    drain = asyncio.create_task(process.stdout.read())
    try:
        yield instance
    finally:
        await instance.client.aclose()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await drain


@pytest.fixture
def settings(azurite: Azurite, tmp_path: Path) -> dict[str, str]:
    deployments = tmp_path / "deployments.json"
    model = {"model": "text-embedding-3-small", "requestsPerMinute": LIMIT}
    deployments.write_text(json.dumps({"chat": model}))
    return {
        "SIMULATOR_API_KEY": KEY,
        "RecordingStorage": azurite.connection_string,
        "RECORDING_CONTAINER": f"shares-{uuid.uuid4().hex[:12]}",
        "OPENAI_DEPLOYMENT_CONFIG_PATH": str(deployments),
    }


async def test_processes_share_the_limit_and_divide_it_again_when_one_leaves(
    settings: dict[str, str],
) -> None:
    async with serving(settings) as one, serving(settings) as two, serving(settings) as three:
        every = (one, two, three)
        for instance in every:  # each leaves its first sign of life, and sees those before it
            await instance.client.get("/++/limits")
        for _ in range(200):  # until the first two have seen those that came later
            numbers = [await instance.number() for instance in every]
            if numbers == [3, 3, 3]:
                break
            for instance in every:
                await instance.client.get("/++/limits")
            await asyncio.sleep(0.05)
        assert numbers == [3, 3, 3]
        began = time.monotonic()
        admitted = await asyncio.gather(*(instance.admitted(SLICE) for instance in every))
        slices = 1 + int((time.monotonic() - began) / 10)
        # A busy machine takes more than one slice.
        assert 0.95 * SLICE <= sum(admitted) <= slices * SLICE
        assert len({name for instance in every for name in instance.names}) == 3
        three.process.send_signal(signal.SIGTERM)
        await three.process.wait()
        for _ in range(200):
            numbers = [await instance.number() for instance in (one, two)]
            if numbers == [2, 2]:
                break
            await one.client.get("/++/limits")
            await two.client.get("/++/limits")
            await asyncio.sleep(0.05)
        assert numbers == [2, 2]
