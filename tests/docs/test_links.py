"""The links and the commands of README and docs."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import PAGES, ROOT, anchors, links, make_commands

README = ROOT / "README.md"
BADGES = r"\.\./\.\./actions/workflows/"
RUNNING = ROOT / "docs" / "running-deploying.md"
COMMANDS = sorted({command for page in PAGES for command in make_commands(page)})


def shown(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        if not re.match(rf"https?:|{BADGES}", link):
            target = (page.parent / path) if path else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_links_to_elsewhere_are_encrypted(page: Path) -> None:
    assert not [link for link in links(page) if link.startswith("http:")]


def test_the_badges_are_true() -> None:
    text = README.read_text(encoding="utf-8")
    workflows = set(re.findall(rf"{BADGES}([\w.]+)", text))
    assert workflows == {"ci.yml", "nightly.yml"}
    for workflow in workflows:
        assert (ROOT / ".github" / "workflows" / workflow).is_file()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ci = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    tested = ci["jobs"]["test"]["strategy"]["matrix"]["python"]
    (versions,) = re.findall(r"badge/python-(\S+)-blue", text)
    assert versions.split("%20%7C%20") == tested
    classified = [
        line.rpartition(" ")[2] for line in project["classifiers"] if "Python :: 3" in line
    ]
    assert classified == tested
    assert f"badge/licence-{project['license']}-blue" in text


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


def test_the_page_on_running_names_every_variable_of_a_deployment() -> None:
    read = re.compile(r"\b(?:DEPLOY|AZURE)_(?!OPENAI)[A-Z_]*[A-Z]\b")
    sources = [ROOT / "infra" / "main.bicepparam", ROOT / "scripts" / "app_settings.py"]
    variables = {name for path in sources for name in read.findall(path.read_text("utf-8"))}
    assert variables <= set(read.findall(RUNNING.read_text("utf-8")))
