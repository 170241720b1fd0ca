"""Semantic Kernel and LiteLLM over TLS, run in the environment that `make clients` makes for them:
they need other releases of libraries that this one pins."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from simulator.assembly.operations import OPERATIONS
from simulator.hosting.certificate import self_signed
from simulator.hosting.functions_app import create_app
from simulator.hosting.triggers import read_triggers
from tests.conftest import API_VERSION, KEY, MakeSimulator, running
from tests.support.entra_tenant import TENANT, EntraTenant, SigningKey

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv" / "clients" / "bin" / "python"
WHOLE = ROOT / ".venv" / ".clients"
"""What `make clients` leaves when all is installed."""
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"  # compiling their imports takes longer than the tests

pytestmark = pytest.mark.skipif(
    not WHOLE.is_file(), reason="no environment of Semantic Kernel and LiteLLM: make clients"
)

DRIVING = [
    {"when": {"tool_result": "city-count"}, "reply": "It has 2750000."},
    {"when": {"tool": "city-count"}, "call": {"city-count": {"name": "Rome"}}},
]
"""The rules for the function that Semantic Kernel calls."""


@pytest.fixture(scope="module")
def variables(
    make_simulator: MakeSimulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """What the clients find in their environment: a simulator's address over https, a key, a token."""
    with HTTPServer() as server:
        tenant = EntraTenant(server, SigningKey("one"))
        rules = tmp_path_factory.mktemp("rules") / "rules.json"
        rules.write_text(json.dumps({"rules": DRIVING}))
        simulator = make_simulator(
            entra_tenant=TENANT, entra_authority=tenant.authority, rules_path=str(rules)
        )
        triggers = read_triggers(create_app(simulator, OPERATIONS).get_functions())
        certificate = self_signed(tmp_path_factory.mktemp("data"))
        with running(triggers, simulator.close, certificate=certificate) as url:
            yield {
                **{name: os.environ[name] for name in os.environ if name != _NO_BYTECODE},
                "AZURE_OPENAI_ENDPOINT": url.replace("http:", "https:"),
                "AZURE_OPENAI_API_KEY": KEY,
                "OPENAI_API_VERSION": API_VERSION,
                "SSL_CERT_FILE": str(certificate.trusted),
                "TOKEN": tenant.token(),
                # It would be fetched from GitHub.
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            }


def ran(script: str, example: str, variables: dict[str, str], folder: Path) -> tuple[str, Any]:
    """Return what the page's example printed, and what the script made, in one process."""
    done = subprocess.run(  # noqa: S603 - our own script
        [
            str(PYTHON),
            str(Path(__file__).with_name("apart") / script),
            str(ROOT / "examples" / "clients" / example),
        ],
        env=variables,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed, _, made = done.stdout.strip().rpartition("\n")
    return printed, json.loads(made)


def test_semantic_kernel_is_served_over_tls(variables: dict[str, str], tmp_path: Path) -> None:
    printed, made = ran(
        "semantic_kernel_over_tls.py", "semantic_kernel_chat.py", variables, tmp_path
    )
    assert printed
    assert len(made.pop("pieces")) > 1
    assert made == {
        "by_key": True,
        "by_token": True,
        "driven": {"counted": ["Rome"], "answer": "It has 2750000."},
        "refused": {"kind": "ServiceResponseException", "status": 429},
        "filtered": {"kind": "ContentFilterAIException", "status": 400},
    }


def test_litellm_is_served_over_tls(variables: dict[str, str], tmp_path: Path) -> None:
    printed, made = ran("litellm_azure.py", "litellm_azure.py", variables, tmp_path)
    assert printed
    assert "".join(made.pop("pieces")) == "One two three."
    assert made == {
        "tokens": 5,
        "costs": True,
        "size": 1536,
        "called": {"count": {"name": "Rome"}},
        "refused": {"kind": "RateLimitError", "status": 429},
        "filtered": {"kind": "ContentPolicyViolationError", "status": 400},
    }
