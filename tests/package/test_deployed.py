"""The package with the app settings that the Bicep files make, on each plan, as far as a machine can show it.

Stand-ins: the host, the endpoint for tokens, Azurite for the storage. Real: the package, the worker
library, the libraries for identity and storage with TLS and the names that Azure has.
"""

import re
from typing import Any

import pytest

from tests.infra.app_settings import PLANS
from tests.package.deployments import CLIENT_ID

TELEMETRY = (".applicationinsights.azure.com", ".monitor.azure.com")


@pytest.mark.parametrize("plan", PLANS)
def test_the_package_answers_with_the_settings_of_a_plan(ran: dict[str, Any], plan: str) -> None:
    chat = ran[plan]["chat"]
    assert chat["status"] == 200
    assert chat["body"]["choices"][0]["message"]["content"]


@pytest.mark.parametrize("plan", PLANS)
def test_it_reaches_its_storage_by_its_identity(ran: dict[str, Any], plan: str) -> None:
    ready = ran[plan]["ready"]
    assert (ready["status"], ready["body"]["status"]) == (200, "ready")
    assert "storage" in ready["body"]["reached"]


def test_the_token_is_for_the_storage_and_of_the_identity_of_the_deployment(
    ran: dict[str, Any],
) -> None:
    assert ["https://storage.azure.com", CLIENT_ID] in ran["asked"]


def test_each_instance_leaves_its_sign_in_the_container_of_the_deployment(
    ran: dict[str, Any],
) -> None:
    signs = [re.match(r"\.instances/func-test/(\w+)-\d+$", name) for name in ran["blobs"]]
    assert len({sign[1] for sign in signs if sign}) == len(PLANS)


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_is_known_as_azure_by_what_it_sets(ran: dict[str, Any], plan: str) -> None:
    # Hints for developers are for their machines.
    assert not [name for name in ran[plan]["chat"]["headers"] if name.startswith("x-simulator-")]


@pytest.mark.parametrize("plan", PLANS)
def test_it_asks_nobody_else_but_for_telemetry(ran: dict[str, Any], plan: str) -> None:
    assert [name for name in ran[plan]["reached"] if not name.endswith(TELEMETRY)] == []


def test_a_secret_that_azure_could_not_resolve_stops_the_start(ran: dict[str, Any]) -> None:
    stopped = ran["unresolved"]["stopped"]
    lines = [line for line in stopped.splitlines() if "could not resolve" in line]
    assert len(lines) == 1
    assert "SIMULATOR_API_KEY=@Microsoft.KeyVault(…)" in lines[0]
    assert "vault.azure.net" not in stopped
