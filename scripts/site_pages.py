"""What MkDocs does beside rendering `docs/`: the pages of the root folder, and links out of the site.

`README.md`, `CONTRIBUTING.md` and others lie in the root, where GitHub looks for them; on the site they
are pages like any other. Links to files that are no pages lead to the repository if SITE_REPOSITORY
names its address, and become plain text without it.
"""

import os
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
PAGES: Mapping[str, str] = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
    "SECURITY.md": "security.md",
    "CODE_OF_CONDUCT.md": "conduct.md",
}
"""Files of the root folder, and what they are called on the site."""
REPOSITORY = os.environ.get("SITE_REPOSITORY", "").rstrip("/")

_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\[\]]*)\]\((?P<target>[^)\s]+)\)")
_BADGE = re.compile(r"^\[!\[.*\n", re.MULTILINE)
_CODE = re.compile(r"(^```.*?^```|`[^`\n]+`)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the pages of the root folder."""
    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Leads the links of a page to where their targets are on the site, and leaves badges out, which
    are of the repository."""
    at_root = page.file.src_uri in PAGES.values()
    folder = "" if at_root else "docs"

    def led(found: re.Match[str]) -> str:
        link = _led(found["target"], folder)
        if link is None:
            return found["text"]
        return f"{found['picture']}[{found['text']}]({link})"

    parts = _CODE.split(_BADGE.sub("", markdown))
    return "".join(part if part.startswith("`") else _LINK.sub(led, part) for part in parts)


def _led(target: str, folder: str) -> str | None:
    """The link on the site; None if there is nothing that it could lead to."""
    if re.match(r"[a-z]+:|#", target):
        return target
    path, hash_, anchor = target.partition("#")
    file = posixpath.normpath(posixpath.join(folder, path))
    if file in PAGES:
        return f"{PAGES[file]}{hash_}{anchor}"
    if file.startswith("docs/"):
        return f"{file.removeprefix('docs/')}{hash_}{anchor}"
    return f"{REPOSITORY}/blob/main/{file}" if REPOSITORY else None
