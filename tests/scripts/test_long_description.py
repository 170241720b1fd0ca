"""The page that PyPI shows."""

import re

import pytest

from tests.docs.pages import ROOT
from tests.scripts.test_setup_tiktoken import script

README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "https://github.com/somebody/something"
page = script("long_description")


@pytest.mark.parametrize("address", ["", ADDRESS])
def test_no_link_and_no_picture_has_a_relative_address(address: str) -> None:
    text = page.long_description(README, address, "v1.2.3")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert [link for link in links if not link.startswith("https://")] == []
    assert bool(links) is bool(address)
    assert "mermaid" not in text


def test_a_release_leads_to_its_tag() -> None:
    text = page.long_description(README, ADDRESS, "v1.2.3")
    assert f"[rules]({ADDRESS}/blob/v1.2.3/docs/rules.md)" in text
    assert f"]({ADDRESS}/raw/v1.2.3/docs/pictures/console-now.png)" in text


def test_elsewhere_the_texts_of_links_stay() -> None:
    text = page.long_description(README, "", "v1.2.3")
    assert "rules give matching requests a reply" in text
    assert "](" not in text


@pytest.mark.parametrize(
    ("variables", "address"),
    [({}, ""), ({"GITHUB_REPOSITORY": "a/b", "GITHUB_SERVER_URL": "https://g"}, "https://g/a/b")],
)
def test_a_workflow_knows_the_repository(
    variables: dict[str, str], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert page.repository() == address
