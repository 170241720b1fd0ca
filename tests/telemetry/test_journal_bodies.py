"""Bodies in the journal: redacted as in recordings, and bounded."""

import contextlib
import json
import logging
from pathlib import Path

import pytest

from simulator.messages import Request
from simulator.pacing import pushed
from simulator.recordings.redaction import Redaction
from simulator.storage.container import StorageError
from simulator.telemetry.journal_bodies import BODY_BYTES, MOST_READ, JournalBodies
from tests.conftest import API_VERSION, KEY, MakeSimulator
from tests.support.asking import ask, route

SECRET = "a-secret-of-the-search"
MESSAGES = [{"role": "user", "content": "Hi"}]
SOURCE = {
    "type": "azure_search",
    "parameters": {
        "endpoint": "https://a.search.windows.net",
        "index_name": "i",
        "authentication": {"type": "api_key", "key": SECRET},
    },
}
EXTENSION = """
def initialize(simulator):
    simulator.add_redaction(lambda body: body.replace(b"word of the house", b"..."))
"""


def kept(request: bytes, response: bytes = b"") -> tuple[str, str, bool]:
    bodies = JournalBodies(Redaction().bodies).of(Request("POST", "/", body=request), response)
    return bodies.request, bodies.response, bodies.whole


async def test_secrets_of_a_request_are_in_neither_body(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator(journal_bodies=True, recording_mask=("pin",))
    body = {"messages": MESSAGES, "data_sources": [SOURCE], "metadata": {"pin": "four digits"}}
    image = {"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "https://x.blob.core.windows.net/a?sig=a-signature"}}
    ]}  # fmt: skip
    await ask(simulator, route("chat/completions", "gpt-4o"), body)
    await ask(simulator, route("chat/completions", "gpt-4o"), {"messages": [image]})
    journal = await ask(simulator, "/++/requests", method="GET", query="")
    for secret in (SECRET, "four digits", "a-signature"):
        assert secret.encode() not in journal.body
    assert journal.body.count(b"***") >= 3


@pytest.mark.parametrize("leaves", [False, True])
async def test_what_has_left_of_a_stream_that_is_pushed_is_kept(
    make_simulator: MakeSimulator, *, leaves: bool
) -> None:
    simulator = make_simulator(journal_bodies=True, chat_completions_mean=1.0)
    asked = {"messages": MESSAGES, "max_tokens": 100, "stream": True}
    target, headers = route("chat/completions", "gpt-4o"), {"api-key": KEY}
    content = json.dumps(asked).encode()
    response = await simulator(
        Request("POST", target, f"api-version={API_VERSION}", headers, content)
    )
    body, written = pushed(response.body), b""
    assert body is not None

    def write(piece: bytes) -> bool:
        nonlocal written
        written += piece
        if leaves and len(written) > 2000:
            raise ConnectionResetError
        return True

    with pytest.raises(ConnectionResetError) if leaves else contextlib.nullcontext():
        await body.push(write)
    (entry,) = (await ask(simulator, "/++/requests", method="GET", query="")).json["requests"]
    assert written[:BODY_BYTES].decode() == entry["response"]


async def test_an_extension_redacts_here_too(make_simulator: MakeSimulator, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(EXTENSION)
    simulator = make_simulator(journal_bodies=True, extension_path=str(tmp_path / "mine.py"))
    body = {"messages": [{"role": "user", "content": "the word of the house is Hi"}]}
    await ask(simulator, route("chat/completions", "gpt-4o"), body)
    (entry,) = (await ask(simulator, "/++/requests", method="GET", query="")).json["requests"]
    assert "the ... is Hi" in entry["request"]


def test_a_secret_is_masked_before_the_cut() -> None:
    source = json.dumps({"data_sources": [SOURCE], "x": "y" * BODY_BYTES}).encode()
    request, _, whole = kept(source)
    assert SECRET not in request
    assert (len(request), whole) == (BODY_BYTES, False)


def test_a_secret_that_an_answer_repeats_is_masked() -> None:
    _, response, _ = kept(json.dumps({"data_sources": [SOURCE]}).encode(), SECRET.encode() + b"!")
    assert response == "***!"


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        (b'{"a": 1}', True),
        (b"", True),
        (b"a" * BODY_BYTES, True),
        (b"a" * (BODY_BYTES + 1), False),
        (b"\xff", False),
        (b"a\x00", False),
    ],
)
def test_a_body_is_whole_if_it_is_text_and_not_cut(body: bytes, whole: bool) -> None:
    assert kept(body)[2] is whole


def test_of_a_very_large_request_nothing_is_kept() -> None:
    assert kept(b"a" * (MOST_READ + 1)) == ("", "", False)


def test_bodies_that_an_extension_cannot_redact_are_not_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(request: bytes, response: bytes) -> tuple[bytes, bytes]:
        raise StorageError("a redaction of the extension failed")

    with caplog.at_level(logging.WARNING):
        bodies = JournalBodies(fails).of(Request("POST", "/", body=b"secret"), b"secret")
    assert (bodies.request, bodies.response, bodies.whole) == ("", "", False)
    assert "a redaction of the extension failed" in caplog.text
