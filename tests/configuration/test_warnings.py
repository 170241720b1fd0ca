"""What the start warns of."""

import pytest

from simulator.configuration.settings import Settings
from simulator.configuration.warnings import setting_names, warnings


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("SIMULATOR_MOD", "SIMULATOR_MODE"),
        ("LATENCI", "LATENCY"),
        ("RECORDING_AUTOSAV", "RECORDING_AUTOSAVE"),
        ("OPENAI_DEPLOYMENTS_CONFIG_PATH", "OPENAI_DEPLOYMENT_CONFIG_PATH"),
        ("AZURE_OPENAI_ENDPONT", "AZURE_OPENAI_ENDPOINT"),
    ],
)
def test_a_misspelt_setting_is_named_with_the_nearest_one(name: str, nearest: str) -> None:
    assert list(warnings({name: "x"})) == [f"{name} is not a setting; did you mean {nearest}?"]


def test_a_name_like_no_setting_leads_to_the_list() -> None:
    assert list(warnings({"SIMULATOR_XYZZY_PLUGH_FOO": "x"})) == [
        "SIMULATOR_XYZZY_PLUGH_FOO is not a setting; docs/configuration.md lists them"
    ]


@pytest.mark.parametrize(
    "name",
    [
        *setting_names(),
        *("AZURE_OPENAI_API_KEY", "OPENAI_API_KEY", "OPENAI_API_VERSION", "OPENAI_BASE_URL"),
        *("OTEL_EXPORTER_OTLP_HEADERS", "AZURE_CLIENT_ID", "WEBSITE_HOSTNAME", "CONTAINER_NAME"),
        *(
            "PATH",
            "LOGNAME",
            "RATE",
            "CONSOLES_OF_MINE",
            "AGENCY",
            "TEST_OPENAI_ENDPOINT",
            "SIMULATOR_APP_SETTINGS",
        ),
    ],
)
def test_settings_and_names_of_others_are_no_mistake(name: str) -> None:
    assert list(warnings({name: "http://x"})) == []


def test_a_blank_one_is_unset() -> None:
    assert list(warnings({"SIMULATOR_MOD": " "})) == []


@pytest.mark.parametrize("path", ["/openai/v1", "/openai/v1/", "/openai", "/openai/"])
def test_the_base_url_of_the_v1_routes_is_taken_as_the_endpoint(path: str) -> None:
    given = {"AZURE_OPENAI_ENDPOINT": f"https://mine.openai.azure.com{path}"}
    assert Settings.from_env(given).upstream_endpoint == "https://mine.openai.azure.com"
    assert list(warnings(given)) == [
        "AZURE_OPENAI_ENDPOINT is taken as https://mine.openai.azure.com, without its path"
    ]


@pytest.mark.parametrize(
    "endpoint", ["https://mine.openai.azure.com", "https://apim.example.com/base/"]
)
def test_another_endpoint_stays_as_it_is(endpoint: str) -> None:
    given = {"AZURE_OPENAI_ENDPOINT": endpoint}
    assert Settings.from_env(given).upstream_endpoint == endpoint
    assert list(warnings(given)) == []


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({}, True),
        ({"OPENAI_DEPLOYMENT_CONFIG_PATH": "deployments.json"}, False),
        (
            {
                "OPENAI_DEPLOYMENT_CONFIG_PATH": "deployments.json",
                "ALLOW_UNDEFINED_OPENAI_DEPLOYMENTS": "true",
            },
            True,
        ),
        ({"ALLOW_UNDEFINED_OPENAI_DEPLOYMENTS": "false"}, False),
    ],
)
def test_undefined_deployments_are_served_where_none_are_defined(
    given: dict[str, str], allowed: bool
) -> None:
    assert Settings.from_env(given).allow_undefined_deployments is allowed
