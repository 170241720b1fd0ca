"""The pages on what the simulator reports, against the members that there are."""

import re
from pathlib import Path

import msgspec
import pytest

from simulator.telemetry.request_line import RequestLine

ROOT = Path(__file__).parents[2]


def first_cells(page: str, title: str) -> set[str]:
    """The names in the first cells of a section's tables."""
    section = (ROOT / "docs" / page).read_text(encoding="utf-8").split(f"\n## {title}\n")[1]
    cells = re.findall(r"^\|([^|]*)\|", section.split("\n## ")[0], re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_the_table_of_the_log_has_every_member_of_its_line() -> None:
    assert first_cells("telemetry.md", "The log") == set(RequestLine.__struct_fields__)


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_the_page_on_testing_names_what_the_action_takes_and_gives(kind: str) -> None:
    action = msgspec.yaml.decode((ROOT / "action.yml").read_bytes(), type=dict[str, object])
    page = (ROOT / "docs/testing.md").read_text(encoding="utf-8").split("\n## GitHub Actions\n")[1]
    named = set(re.findall(r"`([\w-]+)`", page.split("\n## ")[0]))
    declared = action[kind]
    assert isinstance(declared, dict)
    assert set(declared) <= named
