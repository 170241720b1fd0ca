from pathlib import Path

import pytest

from simulator.assembly.deployments import read_deployments
from simulator.assembly.latency import operation_profiles
from simulator.catalogue.deployment_file import DeploymentFileError
from simulator.configuration.settings import SettingError, Settings
from simulator.latency import Profile, Spread
from tests.conftest import MakeSimulator


def test_the_latencies_are_those_documented() -> None:
    profiles = operation_profiles(Settings())
    assert profiles["embeddings"] == Profile(Spread(100, 30))
    assert profiles["completions"] == Profile(Spread(15, 2))
    assert profiles["chat_completions"] == Profile(Spread(19, 6))


def test_time_to_first_token_and_inter_token_latency_are_those_of_text() -> None:
    profiles = operation_profiles(
        Settings(time_to_first_token_mean=400.0, inter_token_mean=20.0, inter_token_std_dev=3.0)
    )
    assert profiles["chat_completions"].first == profiles["completions"].first == Spread(400)
    assert profiles["chat_completions"].between == Spread(20, 3)
    assert profiles["embeddings"].first is None


def test_without_a_file_there_are_the_default_deployments() -> None:
    assert "gpt-35-turbo-10k-token" in read_deployments(Settings(), "memory")


def test_a_file_replaces_them(tmp_path: Path) -> None:
    path = tmp_path / "deployments.json"
    path.write_text('{"mine": {"model": "gpt-4o"}}')
    assert set(read_deployments(Settings(deployments_path=str(path)), "memory")) == {"mine"}


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("blob:deployments.json", "a blob needs RecordingStorage or RECORDING_DIR"),
        ("blob:../up.json", "after blob: a name in the container"),
        ("blob:", "after blob: a name in the container"),
    ],
)
def test_a_blob_that_cannot_be_there_stops_the_start(
    make_simulator: MakeSimulator, path: str, why: str
) -> None:
    with pytest.raises(SettingError, match=f"OPENAI_DEPLOYMENT_CONFIG_PATH='{path}'.*{why}"):
        make_simulator(deployments_path=path)


def test_a_mistake_in_the_file_names_the_setting_and_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deployments.json"
    path.write_text('{"mine": {"model": "gpt-4oo"}}')
    with pytest.raises(DeploymentFileError) as raised:
        read_deployments(Settings(deployments_path=str(path)), "memory")
    assert str(raised.value).startswith(f"OPENAI_DEPLOYMENT_CONFIG_PATH={path}: deployment ")


def test_a_file_that_is_not_there_stops_the_start_with_the_settings_name(
    make_simulator: MakeSimulator,
) -> None:
    with pytest.raises(
        SettingError, match=r"OPENAI_DEPLOYMENT_CONFIG_PATH='/no/such'.*No such file"
    ):
        make_simulator(deployments_path="/no/such")


def test_a_broken_file_stops_the_start(make_simulator: MakeSimulator, tmp_path: Path) -> None:
    path = tmp_path / "deployments.json"
    path.write_text("{")
    with pytest.raises(DeploymentFileError):
        make_simulator(deployments_path=str(path))
