import json
import os
from pathlib import Path

import pytest

from simulator.configuration.environment import load_environment
from simulator.configuration.setting_fields import SettingError
from simulator.configuration.settings import Settings


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of its own: what is loaded is put into the process's environment."""
    monkeypatch.setattr(os, "environ", {})


def _write(root: Path, *, dotenv: str = "", values: dict[str, object] | None = None) -> None:
    (root / ".env").write_text(dotenv)
    (root / "local.settings.json").write_text(
        json.dumps({"IsEncrypted": False, "Values": values or {}})
    )


@pytest.mark.parametrize(
    ("environment", "dotenv", "values", "region"),
    [
        ("A", "B", "C", "A"),
        (None, "B", "C", "B"),
        (None, None, "C", "C"),
        (None, None, None, Settings().region),
        ("A", None, "C", "A"),
    ],
)
def test_the_environment_wins_then_dotenv_then_local_settings(
    tmp_path: Path, environment: str | None, dotenv: str | None, values: str | None, region: str
) -> None:
    if environment:
        os.environ["SIMULATOR_REGION"] = environment
    _write(
        tmp_path,
        dotenv=f"SIMULATOR_REGION={dotenv}" if dotenv else "",
        values={"SIMULATOR_REGION": values} if values else {},
    )
    assert Settings.from_env(load_environment(tmp_path)).region == region


def test_no_file_is_needed(tmp_path: Path) -> None:
    assert Settings.from_env(load_environment(tmp_path)) == Settings()


def test_what_is_found_is_left_where_libraries_look_for_it(tmp_path: Path) -> None:
    _write(tmp_path, dotenv="AZURE_CLIENT_ID=one\nEMPTY\n", values={"OTEL_SERVICE_NAME": "two"})
    load_environment(tmp_path)
    expected = {"AZURE_CLIENT_ID": "one", "OTEL_SERVICE_NAME": "two"}
    assert expected.items() <= os.environ.items()
    assert "EMPTY" not in os.environ


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"Values":[]}', b'{"Values":{"A":1}}', b'{"Values":{"A":"\xff"}}'],
)
def test_broken_local_settings_stop_the_start_with_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "local.settings.json").write_bytes(content)
    with pytest.raises(SettingError, match=r"local\.settings\.json") as stopped:
        load_environment(tmp_path)
    assert len(str(stopped.value).splitlines()) == 1


def test_encrypted_local_settings_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text('{"IsEncrypted":true,"Values":{"A":"x"}}')
    with pytest.raises(SettingError, match="encrypted"):
        load_environment(tmp_path)


def test_local_settings_may_be_written_with_a_byte_order_mark(tmp_path: Path) -> None:
    content = '{"Values":{"SIMULATOR_REGION":"C"}}'
    (tmp_path / "local.settings.json").write_text(content, encoding="utf-8-sig")
    assert Settings.from_env(load_environment(tmp_path)).region == "C"
