"""`make azurite`: the line that it prints leads to the storage that it starts."""

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.storage.azure_blobs import BlobContainer
from simulator.storage.connection import find_connection
from simulator.storage.container import StorageError
from tests.support.azurite import free_port

ROOT = Path(__file__).parents[2]
_WITHIN = 60  # seconds
# Nothing is installed anew; below another make, such as that of `make test`, it would name its folder.
_MAKE = ["make", "--no-print-directory", "--old-file=node_modules/.installed"]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[str]:
    """What the command prints; the emulator runs as long as the test."""
    given = [f"AZURITE_PORT={free_port()}", f"AZURITE_FOLDER={tmp_path}"]
    with subprocess.Popen(  # noqa: S603 - our own Makefile
        [*_MAKE, "azurite", *given],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline()
        os.killpg(process.pid, signal.SIGKILL)


async def test_the_setting_that_is_printed_leads_to_it(line: str) -> None:
    found = re.search(r"set (RecordingStorage=.*)\n", line)
    assert found
    name, _, value = shlex.split(found[1])[0].partition("=")
    connection = find_connection({name: value})
    assert connection is not None
    container = BlobContainer(connection, "recordings", retry_after=0)
    deadline = time.monotonic() + _WITHIN
    try:
        while True:
            try:
                await container.put("a.json", b"{}")
                break
            except StorageError:  # it does not listen yet
                assert time.monotonic() < deadline
                time.sleep(0.2)  # noqa: ASYNC251 - nothing else runs
        assert await container.get("a.json") is not None
    finally:
        await container.close()


def test_at_its_own_port_a_short_setting_is_enough() -> None:
    make = [*_MAKE, "--dry-run", "azurite"]
    done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert "set RecordingStorage=UseDevelopmentStorage=true" in done.stdout
    assert "--blobPort 10000" in done.stdout
