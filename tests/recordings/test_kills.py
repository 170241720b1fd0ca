"""What `kill -9` can lose: nothing whose response had ended."""

import asyncio
import json
import secrets
import sys
import time

import pytest

from simulator.modes.playback import Playback
from simulator.modes.replay import Replay
from simulator.recordings.document import document_of, exchange_of, line, parse
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.fingerprint import Matching
from simulator.recordings.library import Library
from simulator.recordings.names import is_recording, recording_name
from simulator.recordings.promote import promote
from simulator.recordings.spool import Spool
from simulator.recordings.store import RecordingStore
from simulator.storage.memory import MemoryContainer
from tests.modes.calls import asking, body_of
from tests.recordings.kills import Deadly, open_container
from tests.support.azurite import ROOT
from tests.support.fake_upstream import STREAM, running_upstream


@pytest.fixture(params=["folder", "blobs"])
def place(request, tmp_path):
    """Where victims find the container."""
    if request.param == "folder":
        return {"folder": str(tmp_path / "recordings")}
    azurite = request.getfixturevalue("azurite")
    return {
        "connection": azurite.connection_string,
        "container": f"kills-{secrets.token_hex(8)}",
    }


async def run_victims(plan):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.recordings.kills", json.dumps(plan), cwd=ROOT
    )
    assert await asyncio.wait_for(process.wait(), 120) == 0


async def readable(container):
    """Every recording, each of which can be read."""
    found = {}
    async for name in container.names("v1/"):
        assert is_recording(name)
        found[name] = exchange_of(parse((await container.get(name)).data))
    return found


@pytest.mark.parametrize("spooled", [False, True], ids=["autosave", "spooled"])
async def test_every_answer_that_ended_is_in_the_store_after_kills(place, spooled, tmp_path):
    acknowledged = tmp_path / "acknowledged"
    async with running_upstream() as served:
        await run_victims(
            {
                "kill": "record",
                "endpoint": served.endpoint,
                "spooled": spooled,
                "acknowledged": str(acknowledged),
                "rounds": 5,
                "seed": 7,
                **place,
            }
        )
    container = open_container(place)
    await promote(container, time.monotonic)
    recordings = await readable(container)
    library = Library(RecordingStore(container, time.monotonic), Matching())
    replay = Replay(
        library,
        Playback(0),
        promote=lambda: promote(container, time.monotonic),
        clock=time.monotonic,
    )
    lines = [json.loads(text) for text in acknowledged.read_text().splitlines()]
    for told in lines:
        body = json.dumps(told["body"])
        answer = await replay.answer(asking(told["behaviour"], told["body"]))
        expected = STREAM if told["behaviour"] == "stream" else json.dumps({"you": body}).encode()
        assert await body_of(answer) == expected
    await container.close()
    assert len(lines) > 20
    assert len(recordings) >= len(lines)


def exchanges(count):
    """Exchanges with their names, and lines for the spool."""
    for number in range(count):
        request = asking("echo", {"number": number}).request
        exchange = Exchange(request, 200, {}, (Piece(b"%d" % number, 0),), 0, key=f"{number:032x}")
        yield recording_name(request, exchange.key), exchange


async def spool_into(container, count, instances=3):
    """Batches of several instances, which share some of the recordings."""
    expected = {}
    spools = [
        Spool(container, f"instance-{instance}", lambda: 1_700_000_000)
        for instance in range(instances)
    ]
    for name, exchange in exchanges(count):
        expected[name] = exchange.body
        await asyncio.gather(*(spool.add(line(name, document_of(exchange))) for spool in spools))
    return expected


async def bodies(container):
    return {name: exchange.body for name, exchange in (await readable(container)).items()}


class Killed(BaseException):
    """The death of a process, played in this one."""


def fall():
    raise Killed


async def test_promotion_loses_and_duplicates_nothing_wherever_it_dies():
    count = 5
    for dies_at in range(1, 200):
        container = MemoryContainer()
        expected = await spool_into(container, count)
        died = False
        try:
            await promote(Deadly(container, dies_at, fall), time.monotonic)
        except Killed:
            died = True
        result = await promote(container, time.monotonic)
        assert await bodies(container) == expected
        assert [name async for name in container.names(".spool/")] == []
        assert result.quarantined == 0
        if not died:
            assert dies_at > 50
            return
    pytest.fail("promotion never came to its end")


async def test_promoters_killed_in_pairs_lose_and_duplicate_nothing(place):
    container = open_container(place)
    expected = await spool_into(container, 6)
    await run_victims({"kill": "promote", "rounds": 12, **place})
    await promote(container, time.monotonic)
    found = await bodies(container)
    left = [name async for name in container.names(".spool/")]
    await container.close()
    assert found == expected
    assert left == []


async def test_promoters_at_once_lose_and_duplicate_nothing(place):
    container = open_container(place)
    expected = await spool_into(container, 20)
    results = await asyncio.gather(*(promote(container, time.monotonic) for _ in range(3)))
    found = await bodies(container)
    await container.close()
    assert found == expected
    assert sum(result.saved for result in results) == len(expected)
