"""A desk at which the commands of the pages are typed: folders, files, a simulator that runs."""

import contextlib
import json
import os
import re
import signal
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.conftest import API_VERSION, KEY
from tests.docs.pages import ROOT, blocks

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
ASKED = {"messages": [{"role": "user", "content": "What is Azure?"}], "max_tokens": 5}
CASSETTE = {
    "interactions": [
        {
            "request": {
                "method": "POST",
                "uri": f"https://mine.openai.azure.com{CHAT}",
                "body": json.dumps(ASKED),
            },
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {"content-type": ["application/json"]},
                "body": {"string": '{"choices": []}'},
            },
        }
    ]
}
_WITHIN = 120  # seconds, for a machine that has much to do
FILES = {
    "deployments.json": ("rate-limits.md", '"chat"'),
    "keys.json": ("authentication.md", '"keys"'),
    "fleet.json": ("fleet.md", '"timeline"'),
    "rules.json": ("rules.md", '"capital"'),
    "latency.json": ("latency.md", '"models"'),
}
"""The files that commands name, each as a page shows it: the block with the word in it."""


def shown(page: str, word: str) -> str:
    found = (block for block in blocks(ROOT / "docs" / page) if block.language == "json")
    return next(block.text for block in found if word in block.text)


@dataclass(frozen=True, slots=True)
class Desk:
    """`checkout` is for make, `elsewhere` for the installed package, `importing` for what fills its
    own store; `url` is asked."""

    checkout: Path
    elsewhere: Path
    importing: Path
    url: str
    programs: Path

    def variables(self) -> dict[str, str]:
        given = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "SIMULATOR_API_KEY": KEY,
            "KEY": KEY,
            "ENDPOINT": self.url,
            "AZURE_OPENAI_ENDPOINT": self.url,
            "AZURE_OPENAI_API_KEY": KEY,
            "AZURE_OPENAI_KEY": KEY,
            "TENANT": "72f988bf-86f1-41af-91ab-2d7cd011db47",
            "BROWSER": "true",
            "XDG_DATA_HOME": str(self.elsewhere / "data"),
        }
        return {**os.environ, **given}

    def folder(self, command: str) -> Path:
        """Where one is who types the command."""
        of_checkout = re.search(r"\b(make|scripts/\S+)", command)
        if " import " in command:
            return self.importing
        return self.checkout if of_checkout else self.elsewhere

    def typed(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own pages
            ["bash", "-e", "-o", "pipefail", "-c", command],  # noqa: S607
            cwd=self.folder(command),
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_WITHIN,
            check=False,
        )

    @contextlib.contextmanager
    def started(self, command: str) -> Iterator[str]:
        """The address that a command which serves prints in its first line."""
        process = subprocess.Popen(  # noqa: S603 - our own pages
            ["bash", "-c", command],  # noqa: S607
            cwd=self.folder(command),
            env=self.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with process:
            assert process.stdout is not None
            watchdog = threading.Timer(_WITHIN, end, (process,))
            watchdog.start()
            try:
                lines = list[str]()
                for line in process.stdout:
                    lines.append(line)
                    if line.startswith("Azure OpenAI API Simulator"):
                        break
                assert lines, "nothing was printed"
                assert "Azure OpenAI API Simulator, mode" in lines[-1], "".join(lines)
                yield lines[-1].split()[-1]
            finally:
                watchdog.cancel()
                end(process)

    def ask(self, **more: Any) -> httpx2.Response:
        return httpx2.post(
            self.url + CHAT, json={**ASKED, **more}, headers={"api-key": KEY}, timeout=60
        )

    def reset(self, change: dict[str, str]) -> None:
        """Take back what the commands before have changed, and make this change."""
        with httpx2.Client(base_url=self.url, headers={"api-key": KEY}, timeout=60) as http:
            for path in ("config", "rules", "requests"):
                http.delete(f"/++/{path}").raise_for_status()
            http.patch("/++/config", json=change).raise_for_status()


def end(process: subprocess.Popen[str]) -> None:
    """End what a command has started, all of it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def untrusting() -> ssl.SSLContext:
    """A context for a server whose certificate is not looked at."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def furnish(folder: Path, environment: Path) -> None:
    """Put the files that commands name into a folder."""
    for name, (page, word) in FILES.items():
        (folder / name).write_text(shown(page, word), encoding="utf-8")
    for name in ("cassettes", "old-recordings"):
        (folder / name).mkdir()
        (folder / name / "some.yaml").write_text(json.dumps(CASSETTE), encoding="utf-8")
    (folder / ".venv").symlink_to(environment)


def furnish_checkout(folder: Path, environment: Path) -> None:
    """Put all of the checkout into a folder, and what make would install as installed."""
    own = {".git", ".venv", ".env", ".recording", "local.settings.json", "dist"}
    for path in ROOT.iterdir():
        if path.name not in own:
            (folder / path.name).symlink_to(path)
    for stamp in (".runtime", ".dev", ".loadtest", ".workers"):
        (environment / stamp).touch()
    furnish(folder, environment)
