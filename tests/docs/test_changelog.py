"""The list of changes is one that users can read: in order, in short lines, nothing twice."""

import itertools
import re

from tests.docs.pages import ROOT

CHANGES = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
ENTRIES = [line for line in CHANGES.splitlines() if line.startswith("* ")]
LONGEST_ENTRY = 220
# What needs the reader's attention comes first.
KINDS = ["Changed", "Removed", "Deprecated", "Added", "Fixed", "Security"]


def kinds_of_versions() -> list[list[str]]:
    versions = re.split(r"^## ", CHANGES, flags=re.MULTILINE)[1:]
    return [re.findall(r"^### (.+)$", version, flags=re.MULTILINE) for version in versions]


def test_no_line_stands_twice_or_is_the_beginning_of_another() -> None:
    lines = sorted(line.rstrip(".") for line in ENTRIES)
    assert len(lines) > 50
    pairs = itertools.pairwise(lines)
    assert [line for line, following in pairs if following.startswith(line)] == []


def test_each_version_lists_its_changes_by_kind_in_one_order() -> None:
    versions = kinds_of_versions()
    assert versions
    assert versions == [[kind for kind in KINDS if kind in kinds] for kinds in versions]


def test_each_change_is_one_short_line() -> None:
    assert [line for line in ENTRIES if len(line) > LONGEST_ENTRY] == []
    others = [line for line in CHANGES.splitlines() if line.startswith((" ", "- "))]
    assert others == []
