"""Commands of README and docs in any shell: zsh looks for files where a word has a `?` without quotes."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, commands

_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_addresses_with_a_query_are_in_quotes(page: Path) -> None:
    bare = [_QUOTED.sub("", command) for command in commands(page)]
    assert [command for command in bare if re.search(r"\S\?\w", command)] == []
