"""The page on clients, and the scripts that it shows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
SCRIPTS = sorted(
    script
    for script in (ROOT / "examples" / "clients").iterdir()
    if script.suffix in (".py", ".mjs")
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_page_shows_the_script_as_it_is(script: Path) -> None:
    found = re.search(rf"`{re.escape(script.name)}`\n\n```\w+\n(.*?)\n```\n", PAGE, re.DOTALL)
    assert found
    assert found[1] == script.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_script_says_what_it_needs(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert text.startswith(("# /// script\n# dependencies = [", "// npm install "))
