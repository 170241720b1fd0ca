"""Recorders and promoters that are killed with SIGKILL: run as a program, which forks them.

Forking after the imports makes a victim cost milliseconds instead of a second.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from simulator.modes.playback import Playback
from simulator.modes.record import Record
from simulator.recordings.fingerprint import Matching
from simulator.recordings.library import Library
from simulator.recordings.promote import promote
from simulator.recordings.spool import Spool
from simulator.recordings.store import RecordingStore
from simulator.storage.azure_blobs import BlobContainer
from simulator.storage.connection import StorageConnection
from simulator.storage.container import Container
from simulator.storage.folder import FolderContainer
from simulator.upstream.client import Upstream
from simulator.upstream.credentials import ApiKey
from simulator.upstream.router import Router
from tests.modes.calls import asking, body_of

# The first use imports it: that must be done before forking.
__import__("azure.storage.blob.aio")
__import__("azure.core.exceptions")

AT_ONCE = 8


class Deadly:
    """A container of which the `dies_at`-th operation kills the process: before it, or after it."""

    def __init__(self, container: Container, dies_at: float, die: Callable[[], None]) -> None:
        self._container = container
        self._dies_at = dies_at
        self._die = die
        self._steps = 0

    def _step(self) -> None:
        self._steps += 1
        if self._steps == self._dies_at:
            self._die()

    async def get(self, name):
        return await self._around(self._container.get(name))

    async def get_if_changed(self, name, etag):
        return await self._around(self._container.get_if_changed(name, etag))

    async def put(self, name, data):
        return await self._around(self._container.put(name, data))

    async def put_if_same(self, name, data, etag):
        return await self._around(self._container.put_if_same(name, data, etag))

    async def put_new(self, name, data):
        return await self._around(self._container.put_new(name, data))

    async def delete(self, name):
        return await self._around(self._container.delete(name))

    async def names(self, prefix=""):
        self._step()
        async for name in self._container.names(prefix):
            yield name

    async def close(self):
        await self._container.close()

    async def _around(self, work):
        try:
            self._step()
        except BaseException:
            work.close()
            raise
        done = await work
        self._step()
        return done


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def open_container(plan: dict) -> Container:
    if "folder" in plan:
        return FolderContainer(Path(plan["folder"]))
    connection = StorageConnection(connection_string=plan["connection"])
    return BlobContainer(connection, plan["container"])


def fork(work: Callable[..., None], *arguments: object) -> int:
    """A child that does the work and never comes back."""
    child = os.fork()
    if child == 0:
        try:
            work(*arguments)
        finally:
            os._exit(0)
    return child


def record(plan: dict, victim: int, dies_at: float) -> None:
    asyncio.run(_record(plan, victim, dies_at))


async def _record(plan: dict, victim: int, dies_at: float) -> None:
    container = Deadly(open_container(plan), dies_at, die)
    spool = Spool(container, f"victim-{victim}", time.time_ns) if plan["spooled"] else None
    mode = Record(
        Library(RecordingStore(container, time.monotonic, spool=spool), Matching()),
        Router(Upstream(plan["endpoint"], ApiKey("k"), connections=AT_ONCE)),
        Playback(),
        clock=time.monotonic,
        now=lambda: datetime.now(UTC),
        count_failure=die,
    )
    acknowledged = os.open(plan["acknowledged"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def worker(number: int) -> None:
        for count in range(10_000):
            behaviour = ("echo", "stream")[count % 2]
            body = {"victim": victim, "worker": number, "count": count}
            answer = await mode.answer(asking(behaviour, body))
            received = await body_of(answer)
            line = json.dumps({"behaviour": behaviour, "body": body, "size": len(received)})
            os.write(acknowledged, f"{line}\n".encode())

    await asyncio.gather(*(worker(number) for number in range(AT_ONCE)))


def kill_recorders(plan: dict) -> None:
    """Rounds of three recorders: two die at an operation, one at a random moment."""
    rng = random.Random(plan["seed"])
    for round_number in range(plan["rounds"]):
        victims = [
            fork(record, plan, step, step) for step in (round_number * 4 + 1, round_number * 4 + 3)
        ]
        endless = fork(record, plan, round_number * 4, float("inf"))
        _wait_for_answers(Path(plan["acknowledged"]), (round_number + 1) * 8)
        time.sleep(rng.uniform(0, 0.2))
        os.kill(endless, signal.SIGKILL)
        deadline = time.monotonic() + 10
        for victim in victims:
            _wait(victim, deadline)
        os.waitpid(endless, 0)


def _wait_for_answers(acknowledged: Path, count: int) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if acknowledged.exists() and acknowledged.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.005)


def _wait(victim: int, deadline: float) -> None:
    while time.monotonic() < deadline:
        if os.waitpid(victim, os.WNOHANG)[0]:
            return
        time.sleep(0.005)
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)


def kill_promoters(plan: dict) -> None:
    """Promoters in pairs, killed at operation after operation, until one gets through."""
    for step in range(1, plan["rounds"] + 1):
        pair = [
            fork(promote_until, plan, step),
            fork(promote_until, plan, step + 1),
        ]
        for child in pair:
            os.waitpid(child, 0)


def promote_until(plan: dict, dies_at: float) -> None:
    asyncio.run(_promote(plan, dies_at))


async def _promote(plan: dict, dies_at: float) -> None:
    await promote(Deadly(open_container(plan), dies_at, die), time.monotonic)


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    {"record": kill_recorders, "promote": kill_promoters}[task["kill"]](task)
