"""Batches as OpenAI's package for Node.js has them."""

import json
import shutil
import subprocess
from pathlib import Path

from tests.conftest import KEY, served

SCRIPT = Path(__file__).with_name("batches.mjs")


def test_the_package_gets_from_a_file_to_its_output() -> None:
    node = shutil.which("node")
    assert node is not None
    with served({"batch_speed": 0.0}) as url:
        ran = subprocess.run(  # noqa: S603 - the script beside this file
            [node, str(SCRIPT), url, KEY], capture_output=True, timeout=60, check=False
        )
    assert ran.returncode == 0, ran.stderr.decode()
    expected = {
        "statuses": ["validating", "completed"],
        "counts": {"total": 2, "completed": 2, "failed": 0},
        "answered": ["one", "two"],
        "listed": True,
    }
    assert json.loads(ran.stdout) == {"v1": expected, "dated": expected}
