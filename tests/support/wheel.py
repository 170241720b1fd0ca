"""The wheel, built once for all tests, and an environment with it."""

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
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


@pytest.fixture(scope="session")
def distributions(once: Once, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the source distribution of this checkout."""

    def build() -> Path:
        folder = tmp_path_factory.mktemp("distributions")
        command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own files
        return folder

    return once("wheel", build)


@pytest.fixture(scope="session")
def wheel(distributions: Path) -> Path:
    (found,) = distributions.glob("azure_openai_simulator-*.whl")
    return found


@pytest.fixture(scope="session")
def environment(once: Once, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel. Its libraries are those of this environment, which a `.pth` file
    brings, so that nothing has to be downloaded; the checkout is not among them."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("environment")
        venv.create(folder, symlinks=True)
        site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
        pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
        install = ["install", "--quiet", "--no-deps", "--no-index", str(wheel)]
        subprocess.run([*pip, *install], check=True, capture_output=True)  # noqa: S603 - our own files
        (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
        return folder

    return once("environment", make)
