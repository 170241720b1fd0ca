"""Print the notes of a release: the section of its version in CHANGELOG.md.

    python scripts/release_notes.py v1.0.0

The tag has to name the version of pyproject.toml, and the section has to say something.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def notes(changelog: str, version: str) -> str:
    """The text below `## VERSION`, up to the next heading of that level."""
    found = re.search(
        rf"^## {re.escape(version)}\b[^\n]*\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    text = found[1].strip() if found else ""
    if not text:
        raise SystemExit(f"release notes: CHANGELOG.md has no section '## {version}' with a text")
    return text


def main(arguments: list[str] | None = None) -> None:
    (tag,) = sys.argv[1:] if arguments is None else arguments
    version = tag.removeprefix("v")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    if project["version"] != version:
        raise SystemExit(
            f"release notes: the tag is {tag}, pyproject.toml says {project['version']}"
        )
    print(notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version))


if __name__ == "__main__":
    main()
