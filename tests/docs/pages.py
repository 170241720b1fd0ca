"""The project's pages: their headings, links and commands."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """A fenced block and its language."""

    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in _FENCE.findall(page.read_text(encoding="utf-8"))]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    return _LINK.findall(re.sub(r"`[^`\n]*`", "", prose(page)))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def shell_lines(page: Path) -> list[str]:
    """The commands of a page's shell blocks: continued lines joined, comments taken off."""
    joined = "\n".join(block.text for block in blocks(page) if block.language == "sh")
    lines = joined.replace("\\\n", " ").splitlines()
    return [line for line in (re.sub(r"\s+# .*$", "", line).strip() for line in lines) if line]


def make_commands(page: Path) -> list[str]:
    """What a page has one type after `make`, in blocks and in the text."""
    inline = re.findall(r"`(?:[A-Z_]+=\S+ )*make ([^`]+)`", prose(page).replace("\n", " "))
    typed = [re.search(r"^(?:[A-Z_]+=\S+ )*make (.*)$", line) for line in shell_lines(page)]
    return [*inline, *(found[1] for found in typed if found)]
