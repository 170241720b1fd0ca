"""What is built once for all tests; the zip is for Python 3.13 on Linux, and so are its tests."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.package.deployments import as_deployed
from tests.scripts.test_setup_tiktoken import script
from tests.support.wheel import Once, distributions, environment, once, wheel

if sys.version_info < (3, 13) or sys.platform != "linux":
    collect_ignore_glob = ["test_package.py", "test_deployed.py"]

__all__ = ["distributions", "environment", "once", "wheel"]

ROOT = Path(__file__).parents[2]
package = script("package")
BARE = {"SIMULATOR_API_KEY": "the-key-of-the-package", "LATENCY": "0"}


@pytest.fixture(scope="session")
def built(once: Once, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def build() -> Path:
        output = tmp_path_factory.mktemp("dist")
        package.main(["--from", "environment", "--level", "0", "--output", str(output)])
        shutil.rmtree(output / "package")
        return output / "package.zip"

    return once("package", build)


def no_network() -> list[str]:
    """A network namespace of its own, where the machine lets one have it."""
    unshare = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare"):
        return []
    tried = subprocess.run([*unshare, "true"], check=False)  # noqa: S603 - no input of anybody's
    return [] if tried.returncode else unshare


@pytest.fixture(scope="session")
def ran(built: Path, once: Once, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the driver tells of each start: answers, who was asked for over the network, foreign modules."""

    def run() -> Path:
        folder = tmp_path_factory.mktemp("empty")
        with zipfile.ZipFile(built) as archive:
            archive.extractall(folder)
        worker = folder / "tests" / "functions" / "worker.py"
        worker.parent.mkdir(parents=True)
        shutil.copy(ROOT / "tests" / "functions" / "worker.py", worker)
        shutil.copy(Path(__file__).with_name("driver.py"), folder / "driver.py")
        told = tmp_path_factory.mktemp("told") / "told.json"
        alone = {"alone": json.loads(drive(folder, BARE, {}, isolated=True))}
        told.write_text(
            json.dumps({**alone, **as_deployed(drive, folder, tmp_path_factory.mktemp("tls"))})
        )
        shutil.rmtree(folder)
        return told

    return json.loads(once("told", run).read_text(encoding="utf-8"))


def drive(
    folder: Path, environment: dict[str, str], ports: dict[str, int], *, isolated: bool = False
) -> bytes:
    interpreter = str(Path(sys.base_prefix, "bin", "python3"))
    arguments = ["-I", "-S", "driver.py", json.dumps(environment), json.dumps(ports)]
    done = subprocess.run(  # noqa: S603 - our own program
        [*(no_network() if isolated else ()), interpreter, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        timeout=120,
        check=True,
    )
    return done.stdout.splitlines()[-1]
