"""The links and the commands of README and docs."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import KEY
from tests.docs.pages import PAGES, ROOT, anchors, blocks, links, make_commands, shell_lines

README = ROOT / "README.md"
RUNNING = ROOT / "docs" / "running-deploying.md"
COMMANDS = sorted({command for page in PAGES for command in make_commands(page)})
PYTHON = sorted(
    {
        found[1]
        for page in PAGES
        for found in re.finditer(
            r"python (scripts/\w+\.py|-m simulator \w+)", page.read_text("utf-8")
        )
    }
)
CURLS = [line for line in shell_lines(RUNNING) if line.startswith("curl ")]


def shown(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        if not re.match(r"https?:", link):
            target = (page.parent / path) if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_to_elsewhere_are_encrypted(page: Path) -> None:
    assert not [link for link in links(page) if link.startswith("http:")]


def test_every_page_is_found_from_the_readme_or_from_a_page_found_there() -> None:
    found, waiting = set[Path](), [README]
    while waiting:
        page = waiting.pop()
        if page not in found and page.suffix == ".md" and page.is_file():
            found.add(page)
            paths = [link.partition("#")[0] for link in links(page)]
            waiting += [(page.parent / path).resolve() for path in paths if path]
    assert {*(ROOT / "docs").glob("*.md")} - found == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_make_command_of_a_page_is_one_that_there_is(command: str) -> None:
    """make says what it would do, and does nothing; what one fills in oneself is an x."""
    typed = shlex.split(re.sub(r"\$\([^)]*\)|…|\.\.\.", "x", command))
    make = ["make", "--dry-run", "PYTHON=python3", *typed]
    done = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own pages
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", PYTHON)
def test_a_python_command_of_a_page_is_one_that_there_is(command: str) -> None:
    python = [sys.executable, *command.split(), "--help"]
    done = subprocess.run(python, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own pages
    assert done.returncode == 0, done.stderr


def test_the_page_on_running_asks_the_simulator_something() -> None:
    assert len(CURLS) == 2


@pytest.mark.parametrize("line", CURLS)
def test_what_the_page_on_running_asks_is_answered(line: str, serve: Callable[..., str]) -> None:
    url = serve()
    command = line.replace("http://127.0.0.1:8000", url).replace("$SIMULATOR_API_KEY", KEY)
    done = subprocess.run(  # noqa: S603 - our own page
        [*shlex.split(command), "--fail"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_first_example_of_the_readme_runs(
    serve: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = (block.text for block in blocks(README) if block.language == "python")
    ours = example.replace("http://127.0.0.1:8000", serve())
    names: dict[str, Any] = {}
    exec(ours.replace("the key that make run printed", KEY), names)  # noqa: S102 - our own page
    names["client"].close()
    assert len(capsys.readouterr().out.split()) > 10


def test_the_page_on_running_tells_every_variable_of_a_deployment() -> None:
    read = re.compile(r"\b(?:DEPLOY|AZURE)_(?!OPENAI)[A-Z_]*[A-Z]\b")
    sources = [ROOT / "infra" / "main.bicepparam", ROOT / "scripts" / "app_settings.py"]
    variables = {name for path in sources for name in read.findall(path.read_text("utf-8"))}
    assert variables <= set(read.findall(RUNNING.read_text("utf-8")))
