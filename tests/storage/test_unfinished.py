import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.storage.unfinished import ABANDONED, sweep, unfinished_name

ROOT = Path(__file__).parents[2]
NOW = 1_000_000.0


def left(folder: Path, name: str, age: float = 0) -> Path:
    path = folder / name
    path.write_bytes(b"half")
    os.utime(path, (NOW - age, NOW - age))
    return path


def name_of_another_process() -> str:
    """A name of a process that has ended."""
    code = "from simulator.storage.unfinished import unfinished_name; print(unfinished_name())"
    return subprocess.run(  # noqa: S603 (our own code)
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.skipif(os.name != "posix", reason="whether a process runs is asked in POSIX's way")
def test_what_a_killed_process_left_is_removed_at_once(tmp_path: Path) -> None:
    path = left(tmp_path, name_of_another_process())
    sweep(tmp_path, NOW)
    assert not path.exists()


def test_what_a_process_is_writing_stays(tmp_path: Path) -> None:
    path = left(tmp_path, unfinished_name(), age=2 * ABANDONED)
    sweep(tmp_path, NOW)
    assert path.exists()


@pytest.mark.parametrize("name", [f"{'0' * 8}-1-{'0' * 16}", "0123456789abcdef"])
def test_what_another_machine_left_is_removed_when_it_is_old(tmp_path: Path, name: str) -> None:
    path = left(tmp_path, name, age=ABANDONED - 1)
    sweep(tmp_path, NOW)
    assert path.exists()
    sweep(tmp_path, NOW + 2)
    assert not path.exists()


def test_abandoned_locks_stay(tmp_path: Path) -> None:
    path = left(tmp_path, "a.lock", age=2 * ABANDONED)
    sweep(tmp_path, NOW)
    assert path.exists()
