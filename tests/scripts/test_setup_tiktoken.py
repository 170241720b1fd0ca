import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from simulator.tokens import tokenizer as tokens

SCRIPTS = Path(__file__).parents[2] / "scripts"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


setup_tiktoken = script("setup_tiktoken")


def restored(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir())


GENUINE = sorted(file.name for file in setup_tiktoken.RANK_FILES)


def test_the_committed_files_are_genuine() -> None:
    setup_tiktoken.main(["--check"])


def test_the_script_and_the_tokenizer_expect_the_same_files() -> None:
    files = {file.encoding: (file.name, file.sha256) for file in setup_tiktoken.RANK_FILES}
    assert files == tokens._FILES


def test_missing_files_are_restored_from_a_folder(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    setup_tiktoken.main(["--source", str(tokens.RANK_FILES), "--cache", str(cache)])
    assert restored(cache) == GENUINE
    setup_tiktoken.main(["--check", "--cache", str(cache)])


def test_a_folder_may_name_the_files_after_their_encodings(tmp_path: Path) -> None:
    source, cache = tmp_path / "source", tmp_path / "cache"
    source.mkdir()
    for file in setup_tiktoken.RANK_FILES:
        content = (tokens.RANK_FILES / file.name).read_bytes()
        (source / f"{file.encoding}.tiktoken").write_bytes(content)
    setup_tiktoken.main(["--source", str(source), "--cache", str(cache)])
    assert restored(cache) == GENUINE


def test_a_file_that_is_not_genuine_is_refused(tmp_path: Path) -> None:
    source, cache = tmp_path / "source", tmp_path / "cache"
    source.mkdir()
    (source / GENUINE[0]).write_bytes(b"something else")
    with pytest.raises(SystemExit, match="not the genuine file"):
        setup_tiktoken.main(["--source", str(source), "--cache", str(cache)])
    assert not cache.exists()


def test_a_check_of_an_empty_folder_fails(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="missing or damaged"):
        setup_tiktoken.main(["--check", "--cache", str(tmp_path)])


def test_the_vocabulary_is_what_its_script_writes(tmp_path: Path) -> None:
    output = tmp_path / "vocabulary.txt"
    script("build_vocabulary").main(["--output", str(output)])
    committed = SCRIPTS.parent / "simulator" / "synthesis" / "vocabulary.txt"
    assert output.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8")
