"""The list of changes says nothing twice."""

import itertools
from pathlib import Path

CHANGES = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")


def test_no_line_stands_twice_or_is_the_beginning_of_another() -> None:
    lines = sorted(line.rstrip(".") for line in CHANGES.splitlines() if line.startswith("* "))
    assert len(lines) > 100
    pairs = itertools.pairwise(lines)
    assert [line for line, following in pairs if following.startswith(line)] == []
