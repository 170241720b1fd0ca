"""The requests of test-aoai.http, sent as the REST Client would send them."""

import re
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest

from tests.conftest import KEY

SETTINGS = {
    "TEST_OPENAI_KEY": KEY,
    "TEST_OPENAI_DEPLOYMENT": "gpt-4o",
    "TEST_OPENAI_EMBEDDING_DEPLOYMENT": "embedding",
}


class Written(NamedTuple):
    title: str
    method: str
    url: str
    headers: dict[str, str]
    body: str


def read(block: str) -> Written:
    title, rest = block.split("\n", 1)
    head, _, body = rest.partition("\n\n")
    request, *headers = head.strip().splitlines()
    method, url = request.split(" ", 1)
    pairs = (header.split(": ", 1) for header in headers)
    return Written(title.strip(), method, url, dict(pairs), body.strip())


TEXT = (Path(__file__).parents[1] / "test-aoai.http").read_text(encoding="utf-8")
WRITTEN = [read(block) for block in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]]


def send(written: Written, server: str) -> httpx2.Response:
    def filled(text: str) -> str:
        values = {"TEST_OPENAI_ENDPOINT": server, **SETTINGS}
        return re.sub(r"\{\{\$dotenv (\w+)\}\}", lambda name: values[name[1]], text)

    headers = {name: filled(value) for name, value in written.headers.items()}
    return httpx2.request(
        written.method, filled(written.url), headers=headers, content=filled(written.body)
    )


@pytest.mark.parametrize("written", WRITTEN, ids=lambda written: written.title)
def test_a_request_of_the_file_is_answered(written: Written, server: str) -> None:
    assert send(written, server).status_code == 200


def test_the_first_post_gives_a_generated_completion(server: str) -> None:
    first = next(written for written in WRITTEN if written.method == "POST")
    answer = send(first, server).json()
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"]
    assert answer["usage"]["completion_tokens"] == 100
