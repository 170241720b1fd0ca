"""Azurite, the emulator of Azure Storage: started once by the tests that need blobs."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "node_modules" / ".bin" / "azurite-blob"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
SWITCHES = ("--inMemoryPersistence", "--skipApiVersionCheck", "--silent", "--disableTelemetry")


@dataclass(frozen=True, slots=True)
class Azurite:
    """A running emulator."""

    port: int

    @property
    def connection_string(self) -> str:
        return (
            "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
            f"AccountKey={KEY};BlobEndpoint=http://127.0.0.1:{self.port}/devstoreaccount1;"
        )


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(port: int, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """The emulator's process, once it listens."""
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is missing: `make node_modules` (npm ci) installs Azurite")
    process = subprocess.Popen(  # noqa: S603 the program is ours
        [PROGRAM, "--blobHost", "127.0.0.1", "--blobPort", str(port), *SWITCHES, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
    )
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return process
    stop(process)
    return pytest.fail("Azurite did not start")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def azurite() -> Iterator[Azurite]:
    """One emulator for all tests of this process; each test takes a container of its own."""
    port = free_port()
    process = start(port)
    yield Azurite(port)
    stop(process)
