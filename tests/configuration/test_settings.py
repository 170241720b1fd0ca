import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.configuration.setting_fields import Setting, SettingError
from simulator.configuration.settings import Settings
from tests.support.settings_table import OFFERED

NUMBERS = [name for name, row in OFFERED.items() if row.setting.allowed.startswith("a number")]
FLAGS = [name for name, row in OFFERED.items() if row.setting.allowed == "true or false"]
CHOICES = [name for name, row in OFFERED.items() if row.setting.allowed.startswith("one of")]


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()


def test_blank_values_count_as_unset() -> None:
    assert Settings.from_env(dict.fromkeys(OFFERED, "  ")) == Settings()


@pytest.mark.parametrize("name", OFFERED)
def test_no_two_settings_have_one_name(name: str) -> None:
    assert sum(name in row.setting.names for row in OFFERED.values()) == 1


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "text", ["abc", "-1", "nan", "inf", "1e99", "1,5", "0x10", "\N{FULLWIDTH DIGIT ONE}x"]
)
def test_a_number_that_is_not_allowed_is_reported_in_one_line(name: str, text: str) -> None:
    with pytest.raises(SettingError) as stopped:
        Settings.from_env({name: text})
    assert str(stopped.value) == (
        f"{name}={text!r} is not allowed: {OFFERED[name].setting.allowed}"
    )


@pytest.mark.parametrize("name", [*FLAGS, *CHOICES])
def test_a_word_that_is_not_allowed_is_reported_in_one_line(name: str) -> None:
    with pytest.raises(SettingError) as stopped:
        Settings.from_env({name: "per\nhaps"})
    assert str(stopped.value) == (
        f"{name}='per\\nhaps' is not allowed: {OFFERED[name].setting.allowed}"
    )


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("TRUE", True),
        ("1", True),
        ("yes", True),
        ("on", True),
        ("false", False),
        ("False", False),
        ("0", False),
        ("no", False),
        (" off ", False),
    ],
)
def test_a_flag_is_read(name: str, text: str, value: bool) -> None:
    assert getattr(Settings.from_env({name: text}), OFFERED[name].field) is value


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_does_not_mind_the_case(name: str) -> None:
    for choice in OFFERED[name].setting.allowed.removeprefix("one of ").split(", "):
        settings = Settings.from_env({name: choice.swapcase()})
        assert getattr(settings, OFFERED[name].field) == choice


@pytest.mark.parametrize("name", NUMBERS)
def test_the_example_of_a_number_is_read(name: str) -> None:
    assert getattr(Settings.from_env({name: "1"}), OFFERED[name].field) == 1


@given(st.dictionaries(st.sampled_from(sorted(OFFERED)), st.text()))
def test_any_values_are_read_or_refused_in_one_line(environment: dict[str, str]) -> None:
    try:
        Settings.from_env(environment)
    except SettingError as error:
        told = str(error)
    else:
        return
    assert told.split("=")[0] in environment
    assert len(told.splitlines()) == 1


def test_a_secret_is_never_shown() -> None:
    def refuse(text: str) -> str:
        raise ValueError(text)

    setting = Setting(("THE_KEY",), refuse, "a key", secret=True)
    with pytest.raises(SettingError) as stopped:
        setting.read({"THE_KEY": "hunter2"}, "")
    assert str(stopped.value) == "THE_KEY=*** is not allowed: a key"


def test_the_first_name_of_a_setting_that_is_set_wins() -> None:
    setting = Setting(("NEW", "OLD"), str, "text")
    assert setting.read({"OLD": "old"}, "") == "old"
    assert setting.read({"OLD": "old", "NEW": "new"}, "") == "new"


def test_a_made_key_is_random_and_long() -> None:
    keys = {Settings().with_key().api_key for _ in range(2)}
    assert len(keys) == 2
    assert all(len(key) >= 32 for key in keys)


def test_azure_is_known_by_its_own_variable() -> None:
    assert Settings.from_env({"WEBSITE_INSTANCE_ID": "0"}).on_azure
    assert not Settings.from_env({}).on_azure


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({}, True),
        ({"WEBSITE_INSTANCE_ID": "0"}, False),
        ({"WEBSITE_INSTANCE_ID": "0", "SIMULATOR_HINTS": "true"}, True),
        ({"SIMULATOR_HINTS": "false"}, False),
    ],
)
def test_hints_are_shown_but_not_on_azure(environment: dict[str, str], shown: bool) -> None:
    assert Settings.from_env(environment).shows_hints is shown


@pytest.mark.parametrize("text", ["* * * * *", "61 * * * * *", "often", "0 */5 * * * * *"])
def test_a_schedule_that_no_timer_understands_stops_the_start(text: str) -> None:
    with pytest.raises(SettingError, match=r"RECORDING_SAVE_SCHEDULE=.*six fields"):
        Settings.from_env({"RECORDING_SAVE_SCHEDULE": text})


def test_a_storage_account_without_a_name_stops_the_start() -> None:
    with pytest.raises(SettingError, match=r"RecordingStorage=.*accountName is missing"):
        Settings.from_env({"RecordingStorage__credential": "managedidentity"})


@pytest.mark.parametrize("text", ["0", "10001", "1.5", "many"])
def test_a_whole_number_that_is_not_allowed_stops_the_start(text: str) -> None:
    with pytest.raises(
        SettingError, match=r"UPSTREAM_CONNECTIONS=.*a whole number from 1 to 10000"
    ):
        Settings.from_env({"UPSTREAM_CONNECTIONS": text})


@pytest.mark.parametrize("name", ["RATE_LIMIT_REDIS_URL", "AZURE_OPENAI_ENDPOINT"])
def test_an_address_of_another_scheme_stops_the_start(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name}=.*an address that starts with"):
        Settings.from_env({name: "ftp://secret@host"})


def test_a_wrong_address_with_a_password_is_not_shown() -> None:
    with pytest.raises(SettingError) as stopped:
        Settings.from_env({"RATE_LIMIT_REDIS_URL": "http://:hunter2@host"})
    assert "hunter2" not in str(stopped.value)


@pytest.mark.parametrize(
    "name",
    [
        "SIMULATOR_API_KEY",
        "AZURE_OPENAI_KEY",
        "RATE_LIMIT_REDIS_URL",
        "SIMULATOR_MODE",
        "MAX_BODY_MB",
        "RecordingStorage",
        "recordingstorage__accountName",
        "AzureWebJobsStorage__accountName",
    ],
)
@pytest.mark.parametrize(
    "reference",
    [
        "@Microsoft.KeyVault(SecretUri=https://hidden.vault.azure.net/secrets/key)",
        " @microsoft.keyvault(VaultName=hidden;SecretName=key)",
        "@Microsoft.AppConfiguration(Endpoint=https://hidden.azconfig.io; Key=key)",
    ],
)
def test_a_reference_that_was_not_resolved_stops_the_start(name: str, reference: str) -> None:
    with pytest.raises(SettingError) as stopped:
        Settings.from_env({name: reference})
    text = str(stopped.value)
    assert text.startswith(f"{name}=@")
    assert "could not resolve this reference" in text
    assert "hidden" not in text


@pytest.mark.parametrize("name", ["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME", "CONTAINER_APP_NAME"])
def test_azure_is_known_by_what_its_hosts_set(name: str) -> None:
    assert Settings.from_env({name: "simulator"}).on_azure
