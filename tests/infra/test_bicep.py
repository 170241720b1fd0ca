"""What the infrastructure makes, read from its Bicep files: types, roles, keys, settings, scale."""

import re
from typing import Any

import pytest

from simulator.configuration.settings import Settings
from tests.infra.app_settings import (
    PLANS,
    PLATFORM,
    PLATFORM_OF_PREMIUM,
    SETTINGS,
    made_settings,
)
from tests.infra.bicep import ALL, INFRA, NAMED, File, argument, described, uses_of_outputs
from tests.scripts.test_setup_tiktoken import script
from tests.support.settings_table import OFFERED

app_settings = script("app_settings")
FLEX, PREMIUM = PLANS["flex"], PLANS["premium"]
STORAGE = NAMED["modules/storage.bicep"]
MAIN = NAMED["main.bicep"]
RESOURCES = [found for file in ALL for found in file.resources]
# Each with a version that Microsoft's own templates deploy.
VERSIONS = {
    "Microsoft.Authorization/roleAssignments": "2022-04-01",
    "Microsoft.Cache/redisEnterprise": "2025-07-01",
    "Microsoft.Cache/redisEnterprise/databases": "2025-07-01",
    "Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments": "2025-07-01",
    "Microsoft.Insights/components": "2020-02-02",
    "Microsoft.KeyVault/vaults": "2023-07-01",
    "Microsoft.KeyVault/vaults/secrets": "2023-07-01",
    "Microsoft.ManagedIdentity/userAssignedIdentities": "2023-01-31",
    "Microsoft.Network/privateDnsZones": "2020-06-01",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": "2020-06-01",
    "Microsoft.Network/privateEndpoints": "2024-05-01",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": "2024-05-01",
    "Microsoft.Network/virtualNetworks": "2024-05-01",
    "Microsoft.OperationalInsights/workspaces": "2023-09-01",
    "Microsoft.Resources/resourceGroups": "2024-03-01",
    "Microsoft.Storage/storageAccounts": "2023-05-01",
    "Microsoft.Storage/storageAccounts/blobServices": "2023-05-01",
    "Microsoft.Storage/storageAccounts/blobServices/containers": "2023-05-01",
    "Microsoft.Web/serverfarms": "2024-04-01",
    "Microsoft.Web/sites": "2024-04-01",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": "2024-04-01",
}
# Microsoft's built-in roles: the id that a file names, and what it may be given on.
ROLES = {
    "storageBlobDataOwner": ("b7e6dc6d-f1e8-4753-8033-0f276bb0955b", ("account",)),
    "storageBlobDataContributor": (
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        ("recordings", "package"),
    ),
    "keyVaultSecretsUser": ("4633458b-17de-408a-b874-0445c86b69e6", ("Secret",)),
    "monitoringMetricsPublisher": ("3913510d-42f4-4e42-8a64-420c390055eb", ("component",)),
}


def ids(file: File) -> str:
    return file.path.relative_to(INFRA).as_posix()


def test_every_resource_is_of_a_type_and_version_that_exist() -> None:
    assert {found.type: found.api_version for found in RESOURCES} == VERSIONS


@pytest.mark.parametrize("file", ALL, ids=ids)
def test_every_parameter_and_output_is_described(file: File) -> None:
    for name, item in {**file.parameters, **file.outputs}.items():
        assert described(item).endswith("."), name


@pytest.mark.parametrize("file", ALL, ids=ids)
def test_every_parameter_and_variable_is_used(file: File) -> None:
    for name in {**file.parameters, **file.variables}:
        assert len(re.findall(rf"\b{name}\b", file.text)) > 1, name


@pytest.mark.parametrize("file", ALL, ids=ids)
def test_modules_are_given_what_they_ask_for_and_nothing_else(file: File) -> None:
    for module in file.modules:
        asked = NAMED[module.path.relative_to(INFRA).as_posix()].parameters
        assert set(module.config["params"]) == set(asked), module.symbol


@pytest.mark.parametrize("file", ALL, ids=ids)
def test_outputs_that_are_used_exist(file: File) -> None:
    paths = {module.symbol: module.path.relative_to(INFRA).as_posix() for module in file.modules}
    for symbol, output in uses_of_outputs(file.text):
        assert output in NAMED[paths[symbol]].outputs


def test_the_parameters_file_sets_every_parameter() -> None:
    text = (INFRA / "main.bicepparam").read_text(encoding="utf-8")
    assert re.findall(r"^param (\w+) = ", text, re.MULTILINE) == list(MAIN.parameters)


def test_the_parameters_file_has_the_templates_defaults() -> None:
    text = (INFRA / "main.bicepparam").read_text(encoding="utf-8")
    given = dict(re.findall(r"^param (\w+) = .*?'DEPLOY_\w+', '(.*?)'", text, re.MULTILINE))
    for name, default in given.items():
        declared = MAIN.parameters[name]["default"]
        shown = str(declared).lower() if isinstance(declared, bool) else str(declared)
        assert default == shown, name


@pytest.mark.parametrize("name", ["apiKey", "upstreamKey"])
@pytest.mark.parametrize("path", ["main.bicep", "resources.bicep", "modules/vault.bicep"])
def test_keys_are_secure_wherever_they_pass(path: str, name: str) -> None:
    types = [found["type"] for found in NAMED[path].parameters[name]["decorators"]]
    assert "secure" in types


def test_sizes_that_azure_does_not_offer_are_refused() -> None:
    assert argument(MAIN.parameters["instanceMemoryMB"], "allowed") == [512, 2048, 4096]


def test_an_instance_takes_as_many_requests_as_azure_lets_it_by_default() -> None:
    concurrency = MAIN.parameters["httpConcurrency"]
    assert concurrency["default"] == argument(concurrency, "max_value") == 1000


def test_one_instance_is_asked_for_unless_redis_counts_the_limits_or_more_are_wanted() -> None:
    text = NAMED["resources.bicep"].text
    choice = "useRedis ? maximumInstancesWithRedis : maximumInstancesWithoutRedis"
    assert f"var maximumInstances = {choice}\n" in text
    assert "    maximumInstances: maximumInstances\n" in text
    assert MAIN.parameters["useRedis"]["default"] is False
    maximum = MAIN.parameters["maximumInstances"]
    assert (maximum["default"], argument(maximum, "max_value")) == (1, 1000)


def test_flex_consumption_has_the_maximum_that_is_asked_for_and_python_3_13() -> None:
    assert FLEX.resource("plan")["sku"] == {"name": "FC1", "tier": "FlexConsumption"}
    config = FLEX.resource("app")["properties"]["functionAppConfig"]
    assert config["runtime"] == {"name": "python", "version": "3.13"}
    assert config["scaleAndConcurrency"]["maximumInstanceCount"] == "maximumInstances"
    http = config["scaleAndConcurrency"]["triggers"]["http"]
    assert http == {"perInstanceConcurrency": "httpConcurrency"}


# Refused on Flex Consumption with ARM's error 51021, in reports of 2024-11 to 2026-08.
REFUSED_ON_FLEX = {
    "alwaysOn",
    "ftpsState",
    "functionAppScaleLimit",
    "functionsRuntimeScaleMonitoringEnabled",
    "linuxFxVersion",
    "netFrameworkVersion",
    "use32BitWorkerProcess",
    "windowsFxVersion",
}


def test_an_app_on_flex_consumption_sets_nothing_that_is_refused_there() -> None:
    site = FLEX.resource("app")["properties"]["siteConfig"]
    assert REFUSED_ON_FLEX.isdisjoint(site)


def test_elastic_premium_limits_the_app_and_its_plan_to_the_maximum_with_python_3_13() -> None:
    plan = PREMIUM.resource("plan")
    assert (plan["sku"]["name"], plan["sku"]["tier"]) == ("EP1", "ElasticPremium")
    assert plan["properties"] == {"reserved": True, "maximumElasticWorkerCount": "maximumInstances"}
    site = PREMIUM.resource("app")["properties"]["siteConfig"]
    assert site["functionAppScaleLimit"] == "maximumInstances"
    assert site["linuxFxVersion"] == "Python|3.13"


def test_elastic_premium_runs_from_a_package_that_it_fetches_with_its_identity() -> None:
    settings = PREMIUM.variables["planSettings"]
    assert settings["WEBSITE_RUN_FROM_PACKAGE"] == "packageUrl"
    assert settings["WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID"] == "identityId"
    # A share of Azure Files would need a key.
    assert not [name for name in made_settings("premium") if name.startswith("WEBSITE_CONTENT")]


def test_a_plan_is_chosen_and_its_subnet_delegated_to_it() -> None:
    plan = MAIN.parameters["plan"]
    assert (plan["default"], argument(plan, "allowed")) == ("flex", list(PLANS))
    text = NAMED["resources.bicep"].text
    for name, condition in (("flex", "!premium"), ("premium", "premium")):
        assert f"module {name}App 'modules/{name}-app.bicep' = if ({condition}) {{" in text
    assert "premium ? 'Microsoft.Web/serverFarms' : 'Microsoft.App/environments'" in text


@pytest.mark.parametrize(
    ("path", "symbol", "member", "value"),
    [
        ("modules/storage.bicep", "account", "allowSharedKeyAccess", False),
        ("modules/storage.bicep", "account", "allowBlobPublicAccess", False),
        ("modules/storage.bicep", "account", "minimumTlsVersion", "TLS1_2"),
        ("modules/vault.bicep", "vault", "enableRbacAuthorization", True),
        ("modules/redis.bicep", "database", "accessKeysAuthentication", "Disabled"),
        ("modules/redis.bicep", "database", "clientProtocol", "Encrypted"),
        ("modules/redis.bicep", "database", "clusteringPolicy", "EnterpriseCluster"),
        ("modules/monitoring.bicep", "component", "DisableLocalAuth", True),
        ("modules/flex-app.bicep", "app", "httpsOnly", True),
        ("modules/flex-app.bicep", "passwords", "allow", False),
        ("modules/premium-app.bicep", "app", "httpsOnly", True),
        ("modules/premium-app.bicep", "passwords", "allow", False),
    ],
)
def test_nothing_takes_a_key_a_password_or_plain_text(
    path: str, symbol: str, member: str, value: object
) -> None:
    assert NAMED[path].resource(symbol)["properties"][member] == value


def test_the_roles_are_the_ones_that_are_meant_on_no_more_than_is_needed() -> None:
    assigned = [
        (file, found.config)
        for file in ALL
        for found in file.resources
        if found.type == "Microsoft.Authorization/roleAssignments"
    ]
    assert len(assigned) == 6
    for file, config in assigned:
        role = _named_role(config["properties"]["roleDefinitionId"])
        identifier, scopes = ROLES[role]
        assert file.variables[role] == identifier
        assert config["scope"].endswith(scopes)


def _named_role(definition: Any) -> str:
    parameters = definition["function"]["parameters"]
    return next(value for value in _leaves(parameters) if value in ROLES)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    return (
        [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]
    )


@pytest.mark.parametrize("plan", PLANS)
def test_every_app_setting_is_one_that_the_simulator_or_the_platform_knows(plan: str) -> None:
    unknown = made_settings(plan) - set(OFFERED) - PLATFORM
    assert unknown == (PLATFORM_OF_PREMIUM if plan == "premium" else set())


@pytest.mark.parametrize("plan", PLANS)
def test_the_simulator_understands_the_app_settings(plan: str) -> None:
    values = dict.fromkeys(made_settings(plan), "x")
    redis = {"RATE_LIMIT_REDIS_URL": "rediss://x:10000", "RATE_LIMIT_REDIS_IDENTITY": "true"}
    settings = Settings.from_env(
        {**values, **redis, "RecordingStorage__credential": "managedidentity"}
    )
    assert settings.storage is not None
    assert settings.storage.account_url == "https://x.blob.core.windows.net"
    assert settings.storage.managed_identity
    assert settings.redis_identity


def test_a_deployment_decides_what_it_makes_itself() -> None:
    decided = made_settings("flex") & set(OFFERED)
    assert decided <= {*app_settings.VAULT, *app_settings.DECIDED}
    assert not decided & set(app_settings.setting_names())


def test_every_other_setting_can_be_given() -> None:
    given = set(app_settings.setting_names())
    assert set(OFFERED) - given == {*app_settings.VAULT, *app_settings.DECIDED} & set(OFFERED)


def test_keys_reach_the_app_through_key_vault() -> None:
    values = SETTINGS.variables
    assert values["simulatorSettings"]["SIMULATOR_API_KEY"].startswith("@Microsoft.KeyVault(")
    upstream = values["upstreamSettings"]["operator"]["operands"]["false_value"]
    assert upstream["AZURE_OPENAI_KEY"].startswith("@Microsoft.KeyVault(")


def test_the_recordings_have_the_container_that_the_simulator_looks_into() -> None:
    assert STORAGE.resource("recordings")["name"] == Settings().recording_container


def test_the_deployment_shows_where_the_simulator_and_the_recordings_are() -> None:
    assert {"SIMULATOR_URL", "RECORDINGS_CONTAINER_URL"} <= set(MAIN.outputs)


def test_azd_finds_the_service_by_its_tag() -> None:
    azure_yaml = (INFRA.parent / "azure.yaml").read_text(encoding="utf-8")
    for file in PLANS.values():
        tag = re.search(r"'azd-service-name': '(\w+)'", file.text)
        assert tag
        assert f"\n  {tag[1]}:\n" in azure_yaml
    assert "'azd-env-name': environmentName" in MAIN.text
