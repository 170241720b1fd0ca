"""What is built once for all tests; the zip is for Python 3.13 on Linux, and so are its tests."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

if sys.version_info < (3, 13) or sys.platform != "linux":
    collect_ignore_glob = ["test_package.py"]

Once = Callable[[str, Callable[[], Path]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Once:
    """`once(name, make)`: what `make` made, in one of the processes that run these tests together."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent

    def made(name: str, make: Callable[[], Path]) -> Path:
        note = shared / name
        with FileLock(f"{note}.lock"):
            if not note.exists():
                note.write_text(str(make()))
        return Path(note.read_text())

    return made
