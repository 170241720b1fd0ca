"""Four processes and one limit, on a real server and its clock."""

import asyncio
import json
import sys
import uuid

import pytest

from tests.limits.worker import COST, REQUESTS, TOKENS, WINDOW

PROCESSES = 4
WINDOWS = 3.6

Admitted = list[tuple[float, float]]


async def started(*arguments: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.limits.worker", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def admitted_by(process: asyncio.subprocess.Process) -> Admitted:
    output, _ = await process.communicate(b"go\n")
    return [(sent, received) for sent, received in json.loads(output)]


@pytest.fixture(scope="module")
def admitted(redis_url: str) -> Admitted:
    """When each admitted request was sent and answered, from all processes, in order."""
    arguments = (redis_url, f"test:{uuid.uuid4()}", str(WINDOWS * WINDOW))

    async def run() -> list[Admitted]:
        workers = await asyncio.gather(*(started(*arguments) for _ in range(PROCESSES)))
        return await asyncio.gather(*map(admitted_by, workers))

    return sorted(request for requests in asyncio.run(run()) for request in requests)


def test_together_they_never_admit_more_than_the_limit_in_any_window(admitted: Admitted) -> None:
    # A request was decided between its sending and its answer; those wholly inside a window count.
    for start, _ in admitted:
        inside = sum(start <= sent and answered < start + WINDOW for sent, answered in admitted)
        assert inside <= REQUESTS
        assert inside * COST <= TOKENS


def test_together_they_are_given_the_limit_under_steady_overload(admitted: Admitted) -> None:
    first, last = admitted[0][0], admitted[-1][0]
    windows_begun = int((last - first) / WINDOW) + 1
    assert windows_begun >= 3
    assert len(admitted) >= 0.98 * REQUESTS * windows_begun
