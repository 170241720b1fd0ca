"""The app settings that a deployment makes, worked out of the Bicep files, and what they may be called."""

import re
from collections.abc import Mapping
from typing import Any

from tests.infra.bicep import NAMED, File, members

SETTINGS = NAMED["modules/app-settings.bicep"]
PLANS = {"flex": NAMED["modules/flex-app.bicep"], "premium": NAMED["modules/premium-app.bicep"]}
# What the platform and its libraries read themselves.
PLATFORM = {
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "AZURE_CLIENT_ID",
    "AzureWebJobsDisableHomepage",
    *(f"AzureWebJobsStorage__{part}" for part in ("accountName", "credential", "clientId")),
    *(f"RecordingStorage__{part}" for part in ("accountName", "credential", "clientId")),
}
# What Elastic Premium needs besides; Flex Consumption refuses these or has them elsewhere.
PLATFORM_OF_PREMIUM = {
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_RUNTIME",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID",
}


def made_settings(plan: str) -> set[str]:
    """The names of all app settings that there may be on a plan."""
    return {
        member
        for file in (SETTINGS, PLANS[plan])
        for name, value in file.variables.items()
        if name.endswith("Settings")
        for member in members(value)
    }


def deployed(plan: str, given: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The app settings of a deployment whose modules are `given` these parameters.

    `own` are those of the user. References to Key Vault stand in them as Azure is given them.
    """
    settings = dict(own)
    for name in _united(SETTINGS.outputs["settings"]["value"])[1:]:
        settings |= _object(SETTINGS, name, given)
    for name in _united(_listed(PLANS[plan])):
        if name != "settings":
            settings |= _object(PLANS[plan], name, given)
    return settings


def _listed(file: File) -> Any:
    """What the app settings of the site are a list of."""
    site = file.resource("app")["properties"]["siteConfig"]
    listed = site["appSettings"]["loop_type"]["detail"]["array_name"]
    return listed["function"]["parameters"]["arg_1"]


def _united(expression: Any) -> list[str]:
    """The names in a union, in its order; a name alone is one."""
    if isinstance(expression, str):
        return [expression]
    assert expression["function"]["type"] == "union"
    return list(expression["function"]["parameters"].values())


def _object(file: File, name: str, given: Mapping[str, str]) -> dict[str, str]:
    value = file.variables[name]
    if "operator" in value:
        operands = value["operator"]["operands"]
        condition = operands["condition"]["function"]
        assert condition["type"] == "empty"
        empty = not given[condition["parameters"]["item_to_test"]]
        value = operands["true_value" if empty else "false_value"]
    return {member: _text(file, text, given) for member, text in value.items()}


def _text(file: File, text: str, given: Mapping[str, str]) -> str:
    if text in file.parameters:
        return given[text]
    return re.sub(r"\$\{(\w+)\}", lambda found: given[found[1]], text)
