"""The servers that are measured, each in a process of its own on 127.0.0.1."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
KEY = "bench"
DEPLOYMENT = "chat"
# Limits so high that none is reached; and a deployment without.
_LIMITLESS = "limitless"
_DEPLOYMENTS = {
    DEPLOYMENT: {"model": "gpt-4o", "tokensPerMinute": 10**10},
    _LIMITLESS: {"model": "gpt-4o"},
}
LIMITLESS_PATH = f"/openai/deployments/{_LIMITLESS}/chat/completions?api-version=2024-10-21"
_LATENCIES = ("EMBEDDINGS", "COMPLETIONS", "CHAT_COMPLETIONS", "TRANSLATIONS")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time, user and system, of all its threads so far."""
        return cpu_of(self.pid)

    def settle(self) -> None:
        """Waits until it is idle: the simulator loads its rank files while it serves already."""
        before, now = -1.0, self.cpu()
        while now > before:
            time.sleep(0.4)
            before, now = now, self.cpu()


def cpu_of(pid: int) -> float:
    """Seconds of processor time, user and system, of all threads of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def bare() -> Generator[Server]:
    """Starlette on uvicorn, with an endpoint that reads the body and answers so many bytes."""
    port = free_port()
    with _process("bench.bare", str(port)) as pid:
        wait_for(port)
        yield Server(port, pid)


@contextmanager
def simulator(workers: int = 1, /, **settings: str) -> Generator[Server]:
    """The simulator in generate mode, without latency unless the settings say otherwise."""
    port = free_port()
    with started_simulator(port, workers, **settings) as pid:
        wait_for(port)
        server = Server(port, pid)
        server.settle()
        yield server


@contextmanager
def started_simulator(port: int, workers: int = 1, /, **settings: str) -> Generator[int]:
    """The simulator's process, which may not answer yet."""
    latency = {
        f"LATENCY_OPENAI_{name}_{figure}": "0"
        for name in _LATENCIES
        for figure in ("MEAN", "STD_DEV")
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(_DEPLOYMENTS, file)
        file.flush()
        own = {
            "SIMULATOR_API_KEY": KEY,
            "OPENAI_DEPLOYMENT_CONFIG_PATH": file.name,
            "ANSWER_LENGTH": "max",
        }
        flags = ("--port", str(port), "--workers", str(workers))
        with _process("simulator", "serve", *flags, **{**latency, **own, **settings}) as pid:
            yield pid


@contextmanager
def _process(module: str, *arguments: str, **settings: str) -> Generator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **settings},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    with process:
        try:
            yield process.pid
        finally:
            process.terminate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def wait_for(port: int, seconds: float = 20) -> None:
    """Waits until `GET /` is answered."""
    end = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
                connection.sendall(
                    b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
                )
                if connection.recv(1):
                    return
        except OSError:
            if time.monotonic() > end:
                raise
        time.sleep(0.002)
