"""The package that deployments take, built from this environment and run where nothing else is."""

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.test_setup_tiktoken import script

ROOT = Path(__file__).parents[2]
LIBRARIES = ".python_packages/lib/site-packages"
package = script("package")


@pytest.fixture(scope="session")
def names(built: Path) -> list[str]:
    with zipfile.ZipFile(built) as archive:
        return [name for name in archive.namelist() if not name.startswith(".python_packages")]


def test_the_package_answers_a_chat_without_any_network(ran: dict[str, Any]) -> None:
    answer = ran["alone"]["chat"]["body"]
    assert 1 <= answer["usage"]["completion_tokens"] <= 5
    assert answer["choices"][0]["message"]["content"]


def test_the_package_asks_nobody_for_anything(ran: dict[str, Any]) -> None:
    assert ran["alone"]["reached"] == []


def test_the_package_needs_nothing_but_itself_and_python(ran: dict[str, Any]) -> None:
    assert ran["alone"]["strange"] == []


def test_the_package_holds_the_app_and_the_rank_files(names: list[str]) -> None:
    ranks = {f"simulator/tiktoken_cache/{file.name}" for file in _rank_files()}
    assert {"function_app.py", "host.json", "requirements.txt", *ranks} <= set(names)


@pytest.mark.parametrize(
    "kind", ["tests/", "docs/", "infra/", "scripts/", ".env", ".git", "local."]
)
def test_the_package_leaves_out_what_the_app_needs_not(names: list[str], kind: str) -> None:
    assert not [name for name in names if name.startswith(kind)]


def test_files_of_ones_own_are_packaged_and_secrets_are_not(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".funcignore", tmp_path)
    mine = ["deployments.json", "extensions/echo.py"]
    for name in [*mine, ".env", ".env.local", "local.settings.json", "dist/package.zip"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(map(str, package.app_files(tmp_path))) == mine


def test_a_wheelhouse_that_is_missing_is_reported_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(package, "WHEELHOUSE", tmp_path / "wheelhouse")
    with pytest.raises(SystemExit, match="make wheelhouse"):
        package.main(["--from", "wheelhouse"])


def _rank_files() -> Any:
    return script("setup_tiktoken").RANK_FILES
