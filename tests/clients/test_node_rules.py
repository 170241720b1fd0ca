"""What rules decide, as OpenAI's package for Node.js has it, in both families of routes."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import KEY

SCRIPT = Path(__file__).with_name("openai_rules.mjs")
ROME = {"name": "Rome", "inhabitants": 2_750_000}
TEXT = "An old city."

REFUSALS = {
    "rate_limit": ("RateLimitError", 429, "RateLimitReached"),
    "server_error": ("InternalServerError", 500, None),
    "unavailable": ("InternalServerError", 503, "ServiceUnavailable"),
    "gateway_timeout": ("InternalServerError", 504, None),
    "timeout": ("APIError", 408, "Timeout"),
    "forbidden_network": ("PermissionDeniedError", 403, "AccessDenied"),
    "blocked": ("BadRequestError", 400, "content_filter"),
}
RULES: dict[str, Any] = {
    **{kind: {"fault": {"kind": kind}} for kind in REFUSALS if kind != "blocked"},
    "blocked": {"filter": {"prompt": {"jailbreak": True}}},
    "reset": {"fault": {"kind": "reset"}},
    "disconnect": {"fault": {"kind": "disconnect", "after_tokens": 5}},
}


@pytest.fixture(scope="module")
def came(server: str) -> Any:
    """What came of each rule, by family."""
    node = shutil.which("node")
    assert node is not None
    ran = subprocess.run(  # noqa: S603 - the script beside this file
        [node, str(SCRIPT), server, KEY, json.dumps(RULES)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


@pytest.fixture(params=["v1", "dated"])
def family(came: Any, request: pytest.FixtureRequest) -> Any:
    return came[request.param]


@pytest.mark.parametrize(
    ("deed", "answer"),
    [
        ("plain", TEXT),
        ("streamed", {"text": TEXT, "whole": True, "several": True}),
        ("parsed", ROME),
        ("response", {"plain": TEXT, "streamed": TEXT, "parsed": ROME}),
    ],
)
def test_a_chosen_answer_comes(family: Any, deed: str, answer: Any) -> None:
    assert family[f"answer {deed}"] == answer


@pytest.mark.parametrize("way", ["plain", "streamed"])
@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_is_its_exception(family: Any, kind: str, way: str) -> None:
    raised = family[way][kind]
    assert (raised["name"], raised["status"], raised["code"]) == REFUSALS[kind]
    assert not raised["events"]


@pytest.mark.parametrize("way", ["plain", "streamed"])
def test_a_reset_connection_is_its_exception(family: Any, way: str) -> None:
    assert family[way]["reset"]["name"] == "APIConnectionError"


def test_a_stream_that_is_cut_off_raises_after_its_first_events(family: Any) -> None:
    # The package hands on what Node.js itself raises for a body that ends too early.
    raised = family["streamed"]["disconnect"]
    assert (raised["name"], raised["events"]) == ("TypeError", True)
