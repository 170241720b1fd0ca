"""The tree on the page on architecture."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def modules(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.py") if not path.name.startswith("__")]


def test_the_tree_names_every_package_and_module_of_the_first_level() -> None:
    package = ROOT / "simulator"
    folders = {path.parent.name for path in package.glob("*/__init__.py")}
    assert set(re.findall(r"^  (\w+)/", PAGE, re.MULTILINE)) == folders
    assert set(re.findall(r"\b(\w+\.py)\b", PAGE)) - {"function_app.py"} == set(modules(package))
