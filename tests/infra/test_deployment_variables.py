"""The variables of a deployment are those that the Bicep files read, with the same bounds."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from simulator.configuration.setting_fields import SettingError
from tests.infra.bicep import INFRA, NAMED, argument
from tests.scripts.test_setup_tiktoken import script

deployment_variables = script("deployment_variables")
VARIABLES = deployment_variables.VARIABLES
PARAMETERS = NAMED["main.bicep"].parameters
# The parameter of each variable, and the text that it gets where the variable is not set.
GIVEN: Mapping[str, tuple[str, str]] = {
    name: (parameter, default)
    for parameter, name, default in re.findall(
        r"^param (\w+) = .*?'(DEPLOY_\w+)', '(.*?)'",
        (INFRA / "main.bicepparam").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
}


def parameter(name: str) -> Mapping[str, Any]:
    return PARAMETERS[GIVEN[name][0]]


def test_every_variable_is_read() -> None:
    assert sum(argument(parameter(name), "min_value") is not None for name in GIVEN) > 5
    assert set(VARIABLES) - {"DEPLOY_SETTINGS"} == set(GIVEN)


@pytest.mark.parametrize("name", GIVEN)
def test_the_default_is_allowed_and_what_bicep_refuses_is_not(name: str) -> None:
    allows = VARIABLES[name].allows
    assert allows(GIVEN[name][1])
    assert not allows("")
    lowest, highest = (argument(parameter(name), bound) for bound in ("min_value", "max_value"))
    if lowest is not None:
        bounds = (lowest - 1, lowest, highest, highest + 1)
        assert [allows(str(number)) for number in bounds] == [False, True, True, False]
    allowed = argument(parameter(name), "allowed")
    if allowed is not None:
        assert all(allows(str(value)) for value in allowed)
    if name not in ("DEPLOY_TAGS", "DEPLOY_NETWORK_ADDRESS_PREFIX"):
        assert not allows("none of them")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (
            {"DEPLOY_MAXIMUM_INSTANCES": "4e1"},
            "DEPLOY_MAXIMUM_INSTANCES='4e1' is not allowed: use a",
        ),
        ({"DEPLOY_TAGS": "[1]"}, "DEPLOY_TAGS='[1]' is not allowed: use a JSON object"),
        ({"DEPLOY_NETWORK_ADDRESS_PREFIX": "10.0.0.0/28"}, "a /24 or larger"),
        (
            {"DEPLOY_PLAN": "premium", "DEPLOY_MAXIMUM_INSTANCES": "101"},
            "DEPLOY_MAXIMUM_INSTANCES='101' is not allowed: Elastic Premium takes 100 at most",
        ),
        ({"DEPLOY_PUBLIC_ACCESS": "false"}, "set DEPLOY_PRIVATE_NETWORK=true, too"),
    ],
)
def test_what_azure_would_refuse_late_is_refused_at_once(
    environment: dict[str, str], message: str
) -> None:
    with pytest.raises(SettingError, match=re.escape(message)):
        deployment_variables.check(environment)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        dict.fromkeys(VARIABLES, ""),
        {"DEPLOY_MAXIMUM_INSTANCES": "40", "DEPLOY_PLAN": "flex"},
        {"DEPLOY_MAXIMUM_INSTANCES": "1000"},
        {"DEPLOY_PUBLIC_ACCESS": "false", "DEPLOY_PRIVATE_NETWORK": "true"},
        {"DEPLOY_TAGS": json.dumps({"owner": "me"}), "DEPLOY_SETTINGS": "A, B"},
    ],
)
def test_what_azure_takes_is_allowed(environment: dict[str, str]) -> None:
    deployment_variables.check(environment)


def test_a_name_that_is_nearly_right_is_named_and_any_other_left_alone() -> None:
    environment = {"DEPLOY_MAXIMUM_INSTANCE": "40", "DEPLOY_KEY": "x", "DEPLOY_REDIS_SKUS": ""}
    (line,) = deployment_variables.mistaken(environment)
    assert line.startswith("DEPLOY_MAXIMUM_INSTANCE is no variable of a deployment; did you mean")
    assert line.endswith("DEPLOY_MAXIMUM_INSTANCES?")
