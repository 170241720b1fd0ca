"""The part `growth`: what many deployments cost a start, and what an idle process and each stream hold."""

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop

from bench.chats import chats
from bench.rows import Row
from bench.servers import DEPLOYMENT, Server, free_port, simulator, started_simulator, wait_for

_STREAMS = 1000
_MANY = 10_000


def growth() -> Iterator[Row]:
    """Memory is resident memory."""
    yield from _start_with(1)
    yield from _start_with(_MANY)
    with simulator(LATENCY_OPENAI_CHAT_COMPLETIONS_MEAN="100") as server:
        idle = _resident(server.pid)
        yield Row("memory of an idle process", idle / 2**20, "MB")
        held = uvloop.run(_holding(server, chats(stream=True)[:_STREAMS]))
        yield Row(
            f"memory of each of {_STREAMS:,} streams held", (held - idle) / _STREAMS / 1024, "KB"
        )


def _start_with(number: int) -> Iterator[Row]:
    """A start with so many deployments in the file."""
    entries = {f"chat-{at}": {"model": "gpt-4o", "tokensPerMinute": 10**6} for at in range(number)}
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".json"))
        json.dump({DEPLOYMENT: {"model": "gpt-4o"}, **entries}, file)
        file.flush()
        port, began = free_port(), time.perf_counter()
        pid = stack.enter_context(started_simulator(port, OPENAI_DEPLOYMENT_CONFIG_PATH=file.name))
        wait_for(port)
        yield Row(f"start with {number:,} deployments", time.perf_counter() - began, "s")
        Server(port, pid).settle()
        yield Row(f"memory with {number:,} deployments", _resident(pid) / 2**20, "MB")


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
