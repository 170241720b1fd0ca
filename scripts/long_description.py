"""The page that PyPI shows of the package: README.md, without links that lead nowhere there.

Hatchling calls it as a metadata hook. A build of a GitHub workflow knows the repository, so relative
addresses become absolute ones, at the version's tag; any other build leaves their texts.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_BADGE = re.compile(r"^\[!\[.*\n", re.MULTILINE)
_PICTURE = re.compile(r"^!\[([^\]]*)\]\(([^)\s]+)\)\n", re.MULTILINE)
_DRAWING = re.compile(r"^```mermaid\n.*?^```\n", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://|#)([^)\s]+)\)")


def repository() -> str:
    """Return the address of the repository that a workflow of GitHub builds; empty elsewhere."""
    name = os.environ.get("GITHUB_REPOSITORY", "")
    return f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}" if name else ""


def long_description(readme: str, address: str, tag: str) -> str:
    """Return the README as PyPI can show it: it draws no diagrams, and has no files beside it."""
    text = _DRAWING.sub("", _BADGE.sub("", readme))
    if address:
        text = _PICTURE.sub(rf"![\1]({address}/raw/{tag}/\2)\n", text)
        text = _LINK.sub(rf"[\1]({address}/blob/{tag}/\2)", text)
    else:
        text = _LINK.sub(r"\1", _PICTURE.sub("", text))
    return re.sub(r"\n{3,}", "\n\n", text)


class LongDescription(MetadataHookInterface):
    """Sets `readme`, and `urls` where they are known."""

    def update(self, metadata: dict[str, Any]) -> None:
        readme = Path(self.root, "README.md").read_text(encoding="utf-8")
        address, tag = repository(), f"v{metadata['version']}"
        text = long_description(readme, address, tag)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        metadata["urls"] = (
            {
                "Source": address,
                "Documentation": f"{address}/tree/{tag}/docs",
                "Changes": f"{address}/blob/{tag}/CHANGELOG.md",
                "Issues": f"{address}/issues",
            }
            if address
            else {}
        )
