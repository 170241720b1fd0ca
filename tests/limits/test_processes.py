"""Four processes and one limit, on a real server and its clock."""

import asyncio
import json
import sys
import time
import uuid

import pytest

from tests.limits.worker import COST, REQUESTS, TOKENS, WINDOW

PROCESSES = 4
STARTING = 2.5  # seconds for the interpreters to come up
WINDOWS = 3.6

Admitted = list[tuple[float, float]]


async def run_worker(*arguments: str) -> Admitted:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.limits.worker", *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return [(sent, received) for sent, received in json.loads(output)]


@pytest.fixture(scope="module")
def admitted(redis_url: str) -> Admitted:
    """When each admitted request was sent and answered, from all processes, in order."""
    start = time.time() + STARTING
    stop = start + WINDOWS * WINDOW
    arguments = (redis_url, f"test:{uuid.uuid4()}", str(start), str(stop))

    async def run() -> list[Admitted]:
        return await asyncio.gather(*(run_worker(*arguments) for _ in range(PROCESSES)))

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
