"""The project's pages: their headings, links and commands."""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAMS = "make|curl|aoai-simulator|python|uvx?|pipx?|docker|azd?|npm|func|locust|pytest"
_COMMAND = re.compile(rf"(?:[A-Z_]+=\S+ )*(?:{_PROGRAMS}|\.venv/bin/\S+) [^ /]\S*")
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


def typed(text: str) -> list[str]:
    """The commands of a shell block without its comments; one may go over several lines."""
    commands, begun = list[str](), ""
    for line in text.replace("\\\n", " ").splitlines():
        begun = f"{begun}\n{line}" if begun else line
        try:
            shlex.split(begun, comments=True)
        except ValueError:  # a quotation goes on in the next line
            continue
        commands.append(re.sub(r"(^|\s+)# .*$", "", begun).strip())
        begun = ""
    return [command for command in [*commands, begun] if command]


def is_command(line: str) -> bool:
    return bool(_COMMAND.match(line))


def commands(page: Path) -> list[str]:
    """What a page has one type: its shell blocks, and the commands in its text."""
    shell = [block.text for block in blocks(page) if block.language == "sh"]
    inline = [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]
    return [
        *(command for text in shell for command in typed(text)),
        *(span for span in inline if is_command(span)),
    ]


def make_commands(page: Path) -> list[str]:
    """What a page has one type after `make`."""
    found = [re.match(r"(?:[A-Z_]+=\S+ )*make (.*)$", command) for command in commands(page)]
    return [command[1] for command in found if command]
