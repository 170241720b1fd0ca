"""The part `record`: what recording and replaying cost."""

import asyncio
import itertools
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.rows import Row
from bench.servers import DEPLOYMENT, KEY, bare
from simulator.app import Simulator
from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from simulator.messages import EVENT_STREAM, Request
from simulator.modes.playback import Playback
from simulator.modes.record import Record
from simulator.operations.base import Call
from simulator.operations.unknown import Unknown
from simulator.recordings.events import EventSplitter
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.fingerprint import Matching
from simulator.recordings.library import Library
from simulator.recordings.spool import Spool
from simulator.recordings.store import RecordingStore
from simulator.storage.container import Blob, Container, Unchanged
from simulator.storage.folder import FolderContainer
from simulator.storage.memory import MemoryContainer
from simulator.upstream.client import Upstream
from simulator.upstream.credentials import ApiKey
from simulator.upstream.forwarding_policy import ForwardingPolicy
from simulator.upstream.router import Router

_STORE_TAKES = 0.01
_AT_ONCE = 16
_RECORDS = 1_000
_ANSWER = 600
_TOKENS = 100
_CHAT = f"/openai/deployments/{DEPLOYMENT}/chat/completions"
_NO_LATENCY = {f"LATENCY_OPENAI_CHAT_COMPLETIONS_{figure}": "0" for figure in ("MEAN", "STD_DEV")}


def record() -> Iterator[Row]:
    """Budgets are the least numbers of records a second, as the time that one record may take.

    The whole way asks the store for new keys first, until it has listed those of their route.
    """
    for name, spooled, budget in (("on", False, 400), ("off", True, 1_000)):
        seconds = asyncio.run(_storing(_Slow(), spooled=spooled))
        what = f"store, 10 ms, {_AT_ONCE} at once, autosave {name}"
        yield Row(f"{what}: a record", seconds * 1000, "ms", 1000 / budget)
        yield Row(f"{what}: records", 1 / seconds, "/s")
    with bare() as upstream:
        endpoint = f"http://127.0.0.1:{upstream.port}"
        for name, spooled, budget in (("on", False, 1000 / 400), ("off", True, 1000 / 1000)):
            seconds = asyncio.run(_recording(_Slow(), endpoint, spooled=spooled))
            what = f"forward and store, 10 ms, autosave {name}"
            yield Row(f"{what}: a record", seconds * 1000, "ms", budget)
            yield Row(f"{what}: records", 1 / seconds, "/s")
        yield from _growth(endpoint)
    yield from _starts()
    for streamed in (False, True):
        yield from asyncio.run(_replaying(streamed=streamed))


async def _storing(container: Container, *, spooled: bool) -> float:
    """Seconds a record, without the forwarding."""
    spool = Spool(container, "bench", time.time_ns) if spooled else None
    library = Library(RecordingStore(container, time.monotonic, spool=spool), Matching())
    numbers = iter(range(_RECORDS))

    async def connection() -> None:
        for number in numbers:
            await _keep(library, _call(number).request, b"x" * _ANSWER)

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(_AT_ONCE)))
    return (time.perf_counter() - began) / _RECORDS


class _Slow(MemoryContainer):
    """A store that takes 10 ms."""

    async def get(self, name: str) -> Blob | None:
        await asyncio.sleep(_STORE_TAKES)
        return await super().get(name)

    async def get_if_changed(self, name: str, etag: str) -> Blob | Unchanged | None:
        await asyncio.sleep(_STORE_TAKES)
        return await super().get_if_changed(name, etag)

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        await asyncio.sleep(_STORE_TAKES)
        async for name in super().names(prefix):
            yield name

    async def put_new(self, name: str, data: bytes) -> bool:
        await asyncio.sleep(_STORE_TAKES)
        return await super().put_new(name, data)


async def _recording(
    container: Container, endpoint: str, *, spooled: bool = False, first: int = 0
) -> float:
    """Seconds a record, of many different requests on a few connections."""
    upstream = Upstream(endpoint, ApiKey(KEY), connections=_AT_ONCE)
    spool = Spool(container, "bench", time.time_ns) if spooled else None
    mode = Record(
        Library(RecordingStore(container, time.monotonic, spool=spool), Matching()),
        Router(upstream, policy=ForwardingPolicy(paths=("/plain/",))),
        Playback(0),
        clock=time.monotonic,
        now=lambda: datetime.now(UTC),
        count_failure=lambda: None,
    )
    numbers = iter(range(first, first + _RECORDS))

    async def connection() -> None:
        for number in numbers:
            answer = await mode.answer(_call(number))
            if answer.headers["x-recording"] != "stored":
                raise RuntimeError("a request was not recorded")

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(_AT_ONCE)))
    took = time.perf_counter() - began
    await upstream.close()
    return took / _RECORDS


def _call(number: int) -> Call[None]:
    body = json.dumps({"messages": [{"role": "user", "content": f"question {number}"}]}).encode()
    headers = {"content-type": "application/json"}
    request = Request("POST", f"/plain/{_ANSWER}", headers=headers, body=body)
    return Call(request, {}, "", None, Unknown.__new__(Unknown), None)


def _growth(endpoint: str) -> Iterator[Row]:
    """The processor time of a record, when so many are recorded already. The least of three."""
    costs: list[float] = []
    for recorded in (0, 1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_fill(Path(folder), recorded))
            container = FolderContainer(Path(folder))
            costs.append(min(_cost(container, endpoint, 1_000_000 * n) for n in (1, 2, 3)))
        what = f"record into a folder that holds {recorded:,}: CPU a record"
        yield Row(what, costs[-1], "ms", costs[0] * 1.2 if recorded else None)


def _cost(container: Container, endpoint: str, first: int) -> float:
    began = time.process_time()
    asyncio.run(_recording(container, endpoint, first=first))
    return (time.process_time() - began) / _RECORDS * 1000


async def _fill(folder: Path, count: int) -> None:
    """Recordings as files, without the care for each that recording takes."""
    memory = MemoryContainer()
    library = Library(RecordingStore(memory, time.monotonic), Matching())
    for number in range(1, count + 1):
        await _keep(library, _call(-number).request, b"{}")
    async for name in memory.names():
        path, blob = folder / name, await memory.get(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(blob.data if blob else b"")


async def _keep(library: Library, request: Request, body: bytes, *, streamed: bool = False) -> None:
    place = await library.place(request)
    headers = {"content-type": EVENT_STREAM if streamed else "application/json"}
    events = EventSplitter().feed(body) if streamed else [body]
    pieces = tuple([Piece(event, 0) for event in events])
    exchange = Exchange(request, 200, headers, pieces, 0, streamed=streamed)
    await library.store.keep(place.name, exchange)


def _starts() -> Iterator[Row]:
    """Making the store and answering from it for the first time."""
    least: list[float] = []
    for recorded in (0, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(_fill(Path(folder), recorded or 100))
            least.append(min(asyncio.run(_first_answer(Path(folder))) for _ in range(5)))
        what = f"first replay from a folder that holds {recorded or 100:,}"
        yield Row(what, least[-1], "ms", least[0] * 1.5 + 1 if recorded else None)


async def _first_answer(folder: Path) -> float:
    began = time.perf_counter()
    library = Library(RecordingStore(FolderContainer(folder), time.monotonic), Matching())
    request = _call(-1).request
    if await library.find(request, await library.place(request)) is None:
        raise RuntimeError("the recording is not found")
    return (time.perf_counter() - began) * 1000


async def _replaying(*, streamed: bool) -> Iterator[Row]:
    """Warm replay beside generate, through the whole pipeline, without the web server."""
    with tempfile.TemporaryDirectory() as folder:
        generate = _simulator(folder, "generate")
        requests = [_chat(number, streamed=streamed) for number in range(500)]
        library = Library(RecordingStore(FolderContainer(Path(folder)), time.monotonic), Matching())
        for request in requests:
            answered = (await generate(request)).body
            if not isinstance(answered, bytes):
                raise TypeError("what is due at once is one piece")
            await _keep(library, request, answered, streamed=streamed)
        replay = _simulator(folder, "replay")
        rounds = [
            (await _answering(generate, requests), await _answering(replay, requests))
            for _ in range(4)
        ]
    made = min(one for one, _ in rounds)
    played = min(one for _, one in rounds[1:])
    what = f"{'a stream' if streamed else 'an answer'} of {_TOKENS} tokens, pipeline only"
    return iter(
        [
            Row(f"generate {what}: CPU", made, "ms"),
            Row(f"warm replay of {what}: CPU", played, "ms"),
            Row(f"warm replay of {what}, to generate: CPU", played / made, "times", 1.5),
        ]
    )


def _simulator(folder: str, mode: str) -> Simulator:
    environment = {"SIMULATOR_MODE": mode, "SIMULATOR_API_KEY": KEY, "RECORDING_DIR": folder}
    return create_simulator(
        Settings.from_env({**environment, **_NO_LATENCY, "ANSWER_LENGTH": "max"})
    )


def _chat(number: int, *, streamed: bool) -> Request:
    words = " ".join(itertools.repeat("simulate", 90))
    messages = [{"role": "user", "content": f"{words} {number}"}]
    body = {"messages": messages, "max_tokens": _TOKENS, "stream": streamed}
    headers = {"content-type": "application/json", "api-key": KEY}
    return Request("POST", _CHAT, "api-version=2024-10-21", headers, json.dumps(body).encode())


async def _answering(simulator: Simulator, requests: list[Request]) -> float:
    began = time.process_time()
    for request in requests:
        response = await simulator(request)
        if response.status != 200:
            raise RuntimeError(f"an answer was {response.status}")
    return (time.process_time() - began) / len(requests) * 1000
