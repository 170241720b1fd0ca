"""The lock files, and the pins that they are compiled from."""

import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
TOGETHER = ("requirements", "requirements-dev", "requirements-loadtest", "requirements-workers")
NAMES = (*TOGETHER, "requirements-clients")


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()


def locked(name: str) -> dict[str, set[str]]:
    """The versions that a lock file has of each distribution."""
    found: dict[str, set[str]] = {}
    for line in lines(ROOT / f"{name}.txt"):
        if line and not line.lstrip().startswith("#"):
            distribution, version = re.split(r"[=; ]+", line)[:2]
            found.setdefault(distribution, set()).add(version)
    return found


def pinned(name: str) -> list[Requirement]:
    """What people have pinned."""
    text = (line for line in lines(ROOT / f"{name}.in") if line and line[0] not in "#-")
    return [Requirement(line) for line in text]


@pytest.mark.parametrize("name", NAMES)
def test_the_lock_file_has_the_pins(name: str) -> None:
    versions = locked(name)
    missing = [
        str(pin)
        for pin in pinned(name)
        if str(pin.specifier).removeprefix("==") not in versions.get(pin.name.lower(), set())
    ]
    assert not missing, "make lock"


@pytest.mark.parametrize("name", NAMES)
def test_everything_locked_has_hashes(name: str) -> None:
    entries = [line for line in lines(ROOT / f"{name}.txt") if line and line[0] not in "# "]
    assert entries
    assert not [entry for entry in entries if "--hash=sha256:" not in entry]


@pytest.mark.parametrize("name", TOGETHER[1:])
def test_a_lock_file_agrees_with_what_azure_installs(name: str) -> None:
    installed, other = locked("requirements"), locked(name)
    assert {one: other[one] for one in installed.keys() & other.keys()} == {
        one: installed[one] for one in installed.keys() & other.keys()
    }


@pytest.mark.parametrize(
    ("options", "brought"),
    [
        (["WORKERS=2"], True),
        ([], False),
        (["WORKERS=2", "RATE_LIMIT_REDIS_URL=redis://localhost"], False),
        (["WORKERS=2", "NETWORK=restricted"], False),
    ],
)
def test_make_brings_the_valkey_of_workers(
    options: list[str], brought: bool, tmp_path: Path
) -> None:
    make = ["make", "--dry-run", "PYTHON=python3", f"VENV={tmp_path}", "run", *options]
    done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - our own Makefile
    assert ("requirements-workers.txt" in done.stdout) is brought
