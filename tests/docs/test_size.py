"""The size of what is to be read: folders, modules and functions."""

import ast
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

MOST_MODULES = 24
MOST_LINES = 300
LONGEST_FUNCTION = 30
# Both list the fields of one value, on the path of each request, where a further value or call shows.
LONGER = {
    "simulator/resolution.py: resolve": 45,
    "simulator/telemetry/journal_entries.py: entry_of": 46,
}

TREES = ("bench", "loadtest", "scripts", "simulator", "soak", "testclient")
MODULES = sorted(path for tree in TREES for path in (ROOT / tree).rglob("*.py"))


def functions(module: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


@pytest.mark.parametrize("tree", ["simulator", "tests"])
def test_no_folder_is_too_full_to_be_read(tree: str) -> None:
    folders = {path.parent for path in (ROOT / tree).rglob("*.py")}
    modules = {
        str(folder): [path for path in folder.glob("*.py") if not path.name.startswith("__")]
        for folder in folders
    }
    assert [name for name, found in modules.items() if len(found) > MOST_MODULES] == []


def test_no_module_is_too_long_to_be_read() -> None:
    counts = {
        str(module.relative_to(ROOT)): len(module.read_text(encoding="utf-8").splitlines())
        for module in MODULES
    }
    assert [name for name, count in counts.items() if count > MOST_LINES] == []


def test_no_function_is_too_long_to_be_read() -> None:
    counts = {
        f"{module.relative_to(ROOT).as_posix()}: {function.name}": lines(function)
        for module in MODULES
        for function in functions(module)
    }
    long = {name: count for name, count in counts.items() if count > LONGEST_FUNCTION}
    assert {name for name, count in long.items() if count > LONGER.get(name, 0)} == set()
