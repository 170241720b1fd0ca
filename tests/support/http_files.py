"""Requests written in .http files, sent as the REST Client would send them."""

import json
import re
from pathlib import Path
from typing import NamedTuple

import httpx2

ROOT = Path(__file__).parents[2]
FILES = (ROOT / "test-aoai.http", *sorted((ROOT / "http").glob("*.http")))

_PLACE = re.compile(r"\{\{(?:(\$dotenv) )?([^{}\s]+)\}\}")
_FOUND_IN_ANSWER = re.compile(r"(\w+)\.response\.body((?:\.\w+|\[\d+\])+)")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_MULTIPART = "multipart/"


class Written(NamedTuple):
    title: str
    name: str
    method: str
    url: str
    headers: dict[str, str]
    body: str


class HttpFile:
    """The requests of a file in their order, with the values of its variables."""

    def __init__(self, path: Path, settings: dict[str, str]) -> None:
        head, *blocks = re.split(r"^### ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        self.requests = [_read(block) for block in blocks]
        self._folder = path.parent
        self._settings = settings
        self._variables = dict(re.findall(r"^@(\w+) = (.*)$", head, flags=re.MULTILINE))
        self._answers: dict[str, httpx2.Response] = {}

    @property
    def targets(self) -> list[tuple[str, str]]:
        """Methods and addresses; a part that only an answer tells stays as it is written."""
        return [
            (written.method, self.filled(written.url, answered=False)) for written in self.requests
        ]

    def send(self, written: Written, client: httpx2.Client) -> httpx2.Response:
        headers = {name: self.filled(value) for name, value in written.headers.items()}
        body = self.filled(written.body).encode()
        if headers.get("Content-Type", "").startswith(_MULTIPART):
            body = self._with_files(body.replace(b"\n", b"\r\n"))
        answer = client.request(
            written.method, self.filled(written.url), headers=headers, content=body
        )
        if written.name:
            self._answers[written.name] = answer
        return answer

    def filled(self, text: str, *, answered: bool = True) -> str:
        """The text with the values of its variables; a name without one is a `KeyError`."""

        def value(place: re.Match[str]) -> str:
            if place[1]:
                return self._settings[place[2]]
            if found := _FOUND_IN_ANSWER.fullmatch(place[2]):
                return self._told(found[1], found[2]) if answered else place[0]
            return self.filled(self._variables[place[2]])

        return _PLACE.sub(value, text)

    def _told(self, name: str, steps: str) -> str:
        value = json.loads(self._answers[name].content)
        for member, index in _STEP.findall(steps):
            value = value[member] if member else value[int(index)]
        return value

    def _with_files(self, body: bytes) -> bytes:
        def content(place: re.Match[bytes]) -> bytes:
            return (self._folder / place[1].decode()).read_bytes()

        return re.sub(rb"(?m)^< (\S+)", content, body)


def _read(block: str) -> Written:
    title, rest = block.split("\n", 1)
    head, _, body = rest.partition("\n\n")
    lines = head.strip().splitlines()
    name = lines.pop(0).removeprefix("# @name ") if lines[0].startswith("#") else ""
    method, url = lines.pop(0).split(" ", 1)
    headers = dict(line.split(": ", 1) for line in lines)
    return Written(title.strip(), name, method, url, headers, body.strip())
