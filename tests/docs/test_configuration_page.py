"""The settings page and the example of local settings against the settings that there are."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from simulator.configuration.environment import load_environment
from simulator.configuration.settings import Settings
from tests.support.settings_table import OFFERED

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "local.settings.json.example"
HOST = {
    "FUNCTIONS_WORKER_RUNTIME": "python",
    "AzureWebJobsStorage": "",
    "AzureWebJobsDisableHomepage": "true",
    "PYTHON_ENABLE_INIT_INDEXING": "1",
}


class Documented(NamedTuple):
    default: str
    allowed: str
    meaning: str
    example: str


ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \| (.*?) \| `(.*?)` \|$", re.MULTILINE)
DOCUMENTED = {name: Documented(*cells) for name, *cells in ROW.findall(PAGE)}


def test_the_page_has_a_row_for_each_setting_and_for_nothing_else() -> None:
    assert set(DOCUMENTED) == set(OFFERED)


@pytest.mark.parametrize("name", OFFERED)
def test_the_page_shows_default_and_allowed_values_as_they_are(name: str) -> None:
    row, told = OFFERED[name], DOCUMENTED[name]
    assert told.default == (f"`{row.shown_default}`" if row.shown_default else "unset")
    assert told.allowed == row.setting.allowed
    assert told.meaning


@pytest.mark.parametrize("name", OFFERED)
def test_the_page_names_a_settings_other_names(name: str) -> None:
    for other in OFFERED[name].setting.names[1:]:
        assert f"`{other}`" in DOCUMENTED[name].meaning


@pytest.mark.parametrize("name", OFFERED)
def test_an_example_of_the_page_is_allowed(name: str) -> None:
    example = DOCUMENTED[name].example
    settings = Settings.from_env({name: example})
    assert getattr(settings, OFFERED[name].field) == OFFERED[name].setting.parse(example)


def test_the_example_has_every_setting_with_its_default() -> None:
    document = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    defaults = {name: row.shown_default for name, row in OFFERED.items()}
    assert document == {"IsEncrypted": False, "Values": {**HOST, **defaults}}


def test_a_copy_of_the_example_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.environ", {})
    (tmp_path / "local.settings.json").write_bytes(EXAMPLE.read_bytes())
    assert Settings.from_env(load_environment(tmp_path)) == Settings()
