import sys
from pathlib import Path

import pytest

from simulator.configuration.setting_fields import SettingError
from simulator.extensions import Added
from simulator.extensions.loading import ROOT, ExtensionError, check_names, load_extension


def written(folder: Path, text: str, name: str = "extension.py") -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


TELL = "def initialize(extensions):\n    extensions.add_limiter({})\n"


def told(path: str, environment: dict[str, str] | None = None) -> object:
    """What the extension there has added as a limiter."""
    return load_extension(path, environment or {}).limiters[0]


def test_without_a_path_nothing_is_added() -> None:
    assert load_extension("", {}) == Added()


def test_a_file_is_loaded(tmp_path: Path) -> None:
    assert told(written(tmp_path, TELL.format("'here'"))) == "here"


def test_a_package_is_loaded_with_its_modules(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    written(path, "WORD = 'here'", "words.py")
    written(path, "from .words import WORD\n" + TELL.format("WORD"), "__init__.py")
    assert told(str(path)) == "here"


def test_the_modules_of_one_extension_are_not_those_of_the_next(tmp_path: Path) -> None:
    for word in ("first", "second"):
        path = tmp_path / word
        written(path, f"WORD = '{word}'", "words.py")
        written(path, "from .words import WORD\n" + TELL.format("WORD"), "__init__.py")
        assert told(str(path)) == word


def test_the_name_of_a_file_takes_nothing_from_others(tmp_path: Path) -> None:
    import json

    told(written(tmp_path, TELL.format("1"), "json.py"))
    assert sys.modules["json"] is json


def test_a_relative_path_begins_at_the_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(load_extension("examples/echo", {}).operations) == 1
    assert (ROOT / "function_app.py").is_file()


def test_an_extension_reads_settings_of_its_own(tmp_path: Path) -> None:
    path = written(tmp_path, TELL.format("extensions.settings.get('MINE')"))
    assert told(path, {"MINE": "yes"}) == "yes"


def test_an_extension_does_not_change_the_environment(tmp_path: Path) -> None:
    path = written(tmp_path, "def initialize(extensions):\n    extensions.settings['A'] = 'b'\n")
    with pytest.raises(ExtensionError, match="TypeError"):
        load_extension(path, {})


@pytest.mark.parametrize("name", ["nothing.py", "nothing", "empty"])
def test_a_path_to_nothing_is_an_error_that_names_the_setting(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SettingError, match=r"EXTENSION_PATH=.*an __init__\.py"):
        load_extension(str(tmp_path / name), {})


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.py", "", "with a function initialize"),
        ("a.py", "initialize = 1", "with a function initialize"),
        ("a.py", "async def initialize(extensions): ...", "is not async"),
        ("a.txt", TELL, "ends in .py"),
    ],
)
def test_what_is_no_extension_is_an_error_that_names_the_setting(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    with pytest.raises(SettingError, match=f"EXTENSION_PATH=.*{why}"):
        load_extension(written(tmp_path, text, name), {})


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("def initialize(extensions):\n    1 / 0", "ZeroDivisionError: division by zero"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named"),
        ("def initialize(", "SyntaxError"),
        ("def initialize(): ...", "TypeError"),
    ],
)
def test_an_extension_that_fails_to_load_is_reported_in_one_line_with_its_cause(
    tmp_path: Path, text: str, cause: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(
        ExtensionError, match=f"EXTENSION_PATH='{path}' failed to load: {cause}"
    ) as failed:
        load_extension(path, {})
    assert "\n" not in str(failed.value)
    assert type(failed.value.__cause__).__name__ == cause.partition(":")[0]


@pytest.mark.parametrize("own", [["chat"], ["new", "new"]])
def test_an_operation_needs_a_name_of_its_own(own: list[str]) -> None:
    with pytest.raises(ExtensionError, match=f"an operation '{own[0]}', but there is one"):
        check_names(Added(), own, ["chat", "root"])


def test_a_generator_is_replaced_where_there_is_one() -> None:
    added = Added(wrappers={"chta": []})
    with pytest.raises(ExtensionError, match="'chta', but the operations are chat, root, mine"):
        check_names(added, ["mine"], ["root", "chat"])
    check_names(Added(wrappers={"chat": [], "mine": []}), ["mine"], ["root", "chat"])
