"""The requests of test-aoai.http and of http/, sent to a fresh start."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from simulator.assembly.operations import OPERATIONS
from simulator.operations.routes import RouteTable
from tests.conftest import KEY, Serve
from tests.support.http_files import FILES, HttpFile

SETTINGS = {
    "TEST_OPENAI_KEY": KEY,
    "TEST_OPENAI_DEPLOYMENT": "gpt-4o",
    "TEST_OPENAI_EMBEDDING_DEPLOYMENT": "embedding",
    "TEST_OPENAI_IMAGE_DEPLOYMENT": "gpt-image-2",
}
# What a file needs that a fresh start has, or its head says.
STARTED_WITH: dict[str, dict[str, Any]] = {
    "claude.http": {"deployments_path": "examples/foundry/deployments.json"},
    "health.http": {"metrics_prometheus": True},
    "scenario.http": {"fleet_path": "examples/fleets/failover.json"},
    "recordings.http": {"mode": "record", "upstream_endpoint": "http://127.0.0.1:9"},
    "responses.http": {"chat_completions_mean": 10.0},  # one is stopped while it is made
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_request_of_a_file_is_answered(path: Path, serve: Serve, tmp_path: Path) -> None:
    recording = tmp_path / "v1/gpt-4o/chat-completions" / f"{0:032x}.json"
    recording.parent.mkdir(parents=True)
    recording.write_text('{"response": {"body": {"json": {}}}}')
    server = serve(recording_dir=str(tmp_path), **STARTED_WITH.get(path.name, {}))
    file = HttpFile(path, {"TEST_OPENAI_ENDPOINT": server, **SETTINGS})
    with httpx2.Client(timeout=30) as client:
        refused = {
            written.title: answer.text
            for written in file.requests
            if not (answer := file.send(written, client)).is_success
        }
    assert refused == {}


def test_the_first_post_gives_a_generated_completion(server: str) -> None:
    file = HttpFile(FILES[0], {"TEST_OPENAI_ENDPOINT": server, **SETTINGS})
    first = next(written for written in file.requests if written.method == "POST")
    with httpx2.Client() as client:
        answer = file.send(first, client).json()
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"]
    assert answer["usage"]["completion_tokens"] == 100


def test_every_operation_has_a_request() -> None:
    table = RouteTable((route, one.name) for one in OPERATIONS for route in one.routes)
    settings = {"TEST_OPENAI_ENDPOINT": "http://127.0.0.1", **SETTINGS}
    asked = {
        match.target
        for path in FILES
        for method, url in HttpFile(path, settings).targets
        if (match := table.find(method, urlsplit(url).path))
    }
    # Images have addresses that only an answer tells.
    assert asked == {one.name for one in OPERATIONS} - {"kept_image"}
