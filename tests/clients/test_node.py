"""What people build with OpenAI's package for Node.js, in both families of routes."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import KEY
from tests.support.audio_files import silence

SCRIPT = Path(__file__).with_name("openai.mjs")


@pytest.fixture(scope="module")
def told(server: str) -> Any:
    """What the script says it made, by family."""
    node = shutil.which("node")
    assert node is not None
    sound = base64.b64encode(silence(4)).decode()
    ran = subprocess.run(  # noqa: S603 - the script beside this file
        [node, str(SCRIPT), server, KEY, sound], capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


@pytest.mark.parametrize("family", ["v1", "dated"])
@pytest.mark.parametrize(
    ("deed", "made"),
    [
        ("chat", {"tokens": 9, "finish": "length"}),
        ("streamed", {"whole": True}),
        ("agent", {"called": ["string"], "answered": True}),
        ("embeddings", {"size": 1536, "unit": True}),
        ("transcription", {"words": 10}),
        ("image", {"type": "image/png"}),
        ("refusal", {"name": "BadRequestError", "status": 400, "param": "temperature"}),
        (
            "blocked",
            {
                "name": "BadRequestError",
                "code": "content_filter",
                "found": {"detected": True, "filtered": True},
            },
        ),
        (
            "filtered",
            {
                "finishes": ["content_filter", "content_filter"],
                "status": "incomplete",
                "reason": "content_filter",
            },
        ),
        ("response", {"first": "response.created", "last": "response.completed"}),
        (
            "stored",
            {
                "found": True,
                "said": ["The weather in Rome?"],
                "metadata": {"a": "b"},
                "deleted": True,
            },
        ),
    ],
)
def test_the_package_is_served(told: Any, family: str, deed: str, made: Any) -> None:
    assert told[family][deed] == made


@pytest.mark.parametrize("family", ["v1", "dated"])
def test_the_package_gets_structured_outputs(told: Any, family: str) -> None:
    assert told[family]["structured"].keys() == {"name", "price"}


def test_the_package_goes_on_with_a_conversation(told: Any) -> None:
    assert told["v1"]["conversation"] == {
        "roles": ["user", "user", "assistant"],
        "same": True,
        "compacted": ["message", "compaction"],
        "deleted": True,
    }
