"""The part `growth`: what deployments, rules and recordings cost a start, and what an idle process and each
stream hold.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import uvloop

from bench.chats import chats
from bench.rows import Row
from bench.servers import DEPLOYMENT, Server, free_port, simulator, started_simulator, wait_for

_STREAMS = 1000
_MANY = 10_000
_RULES = 1_000
_RECORDINGS = 100_000
# Links that a file may have at least, on the file systems in use.
_LINKS = 10_000


def growth() -> Iterator[Row]:
    """Memory is resident memory. Budgets of a start are those of the least one and what may come on top."""
    for number, more in ((1, 0.0), (_MANY, 0.4)):
        yield from _start_with(f"{number:,} deployments", _with_deployments(number), more)
    yield from _start_with(f"{_RULES:,} rules", _with_rules(), 0.2)
    yield from _start_with(f"{_RECORDINGS:,} recordings", _with_recordings(), 0.4)
    with simulator(LATENCY_OPENAI_CHAT_COMPLETIONS_MEAN="100") as server:
        idle = _resident(server.pid)
        yield Row("memory of an idle process", idle / 2**20, "MB", 200)
        held = uvloop.run(_holding(server, chats(stream=True)[:_STREAMS]))
        each = (held - idle) / _STREAMS / 1024
        yield Row(f"memory of each of {_STREAMS:,} streams held", each, "KB", 100)


def _start_with(
    what: str, prepared: AbstractContextManager[Mapping[str, str]], more: float
) -> Iterator[Row]:
    """A start until the first answer, and until all is loaded; it may take `more` seconds than others."""
    with prepared as settings:
        port, began = free_port(), time.perf_counter()
        with started_simulator(port, **settings) as pid:
            wait_for(port)
            yield Row(f"start with {what}", time.perf_counter() - began, "s", 1.5 + more)
            server = Server(port, pid)
            server.settle()
            yield Row(f"CPU until idle with {what}", server.cpu(), "s", 1.5 + more)
            memory = _resident(pid) / 2**20
            yield Row(f"memory with {what}", memory, "MB", 200 * (1 + more / 4))


@contextmanager
def _with_deployments(number: int) -> Generator[Mapping[str, str]]:
    entries = {f"chat-{at}": {"model": "gpt-4o", "tokensPerMinute": 10**6} for at in range(number)}
    with _json_file({DEPLOYMENT: {"model": "gpt-4o"}, **entries}) as name:
        yield {"OPENAI_DEPLOYMENT_CONFIG_PATH": name}


@contextmanager
def _with_rules() -> Generator[Mapping[str, str]]:
    rules = [
        {"name": f"rule {at}", "when": {"contains": f"question {at}"}, "reply": f"answer {at}"}
        for at in range(_RULES)
    ]
    with _json_file({"rules": rules}) as name:
        yield {"RULES_PATH": name}


@contextmanager
def _with_recordings() -> Generator[Mapping[str, str]]:
    """Recordings under names of their own, which are links to a few files: nothing reads them here."""
    with tempfile.TemporaryDirectory() as folder:
        route = Path(folder, "v1", DEPLOYMENT, "chat-completions")
        route.mkdir(parents=True)
        for first in range(0, _RECORDINGS, _LINKS):
            file = route / f"{first:032x}.json"
            file.write_text("{}")
            for at in range(first + 1, first + _LINKS):
                (route / f"{at:032x}.json").hardlink_to(file)
        yield {"SIMULATOR_MODE": "replay", "RECORDING_DIR": folder}


@contextmanager
def _json_file(document: object) -> Generator[str]:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file)
        file.flush()
        yield file.name


async def _holding(server: Server, requests: Sequence[bytes]) -> int:
    """The memory of the server while all streams are under way."""
    opened = [await asyncio.open_connection("127.0.0.1", server.port) for _ in requests]
    for (_, writer), request in zip(opened, requests, strict=True):
        writer.write(request)
    for reader, _ in opened:
        await reader.readuntil(b"data: ")
    held = _resident(server.pid)
    for _, writer in opened:
        writer.transport.abort()
    return held


def _resident(pid: int) -> int:
    """Bytes of memory that the process has."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} has no resident memory")
