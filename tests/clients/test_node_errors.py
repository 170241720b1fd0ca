"""What OpenAI's package for Node.js raises for the mistakes that apps make."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import KEY

SCRIPT = Path(__file__).with_name("openai_errors.mjs")
BAD, MISSING, WRONG_KEY = "BadRequestError", "NotFoundError", "AuthenticationError"
RAISED: dict[str, tuple[str, int, str | None, str | None]] = {
    "no content": (BAD, 400, None, "messages.[0].content"),
    "no messages": (BAD, 400, "empty_array", "messages"),
    "another role": (BAD, 400, "invalid_value", "messages[0].role"),
    "a part of Responses": (BAD, 400, "invalid_value", "messages[0].content[0].type"),
    "too hot": (BAD, 400, "decimal_above_max_value", "temperature"),
    "too hot, streamed": (BAD, 400, "decimal_above_max_value", "temperature"),
    "an unknown parameter": (BAD, 400, None, None),
    "no such deployment": (MISSING, 404, "DeploymentNotFound", None),
    "no model": (BAD, 400, None, None),
    "no such version": (MISSING, 404, "404", None),
    "no chat model": (BAD, 400, None, None),
    "no input": (BAD, 400, "missing_required_parameter", "input"),
    "too many dimensions": (BAD, 400, None, "dimensions"),
    "messages for Responses": (BAD, 400, "unsupported_parameter", None),
    "an item without a role": (BAD, 400, "invalid_value", "input[0]"),
    "no such response": (MISSING, 404, None, None),
    "no response's id": (MISSING, 404, "404", None),
    "no such conversation": (MISSING, 404, None, None),
    "no such file": (MISSING, 404, None, "id"),
    "no such batch": (MISSING, 404, None, "batch_id"),
    "no file of the batch": (BAD, 400, "invalid_value", "input_file_id"),
    "no upload": (MISSING, 404, None, "upload_id"),
    "no completion": (MISSING, 404, None, None),
    "no sound": (BAD, 400, None, None),
    "no voice": (BAD, 400, None, None),
    "no size": (BAD, 400, "invalid_value", "size"),
    "no picture": (BAD, 400, "unsupported_file_mimetype", "image"),
    "not served": (MISSING, 404, "404", None),
    "another method": (MISSING, 404, "404", None),
    "a wrong key": (WRONG_KEY, 401, "401", None),
    "a wrong token": (WRONG_KEY, 401, None, None),
    "a wrong address": (MISSING, 404, "404", None),
}
"""The client's class, the status, and the error's code and parameter."""


@pytest.fixture(scope="module")
def raised(server: str) -> Any:
    node = shutil.which("node")
    assert node is not None
    ran = subprocess.run(  # noqa: S603 - the script beside this file
        [node, str(SCRIPT), server, KEY], capture_output=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


@pytest.mark.parametrize("mistake", RAISED)
def test_a_mistake_raises_the_clients_error(raised: Any, mistake: str) -> None:
    assert tuple(raised[mistake]) == RAISED[mistake]


def test_each_mistake_is_expected(raised: Any) -> None:
    assert set(raised) == set(RAISED)
