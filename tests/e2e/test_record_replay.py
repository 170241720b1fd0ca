"""Record and replay as an app on the real client meets them: over sockets, folder and blobs."""

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from simulator.storage.connection import StorageConnection
from tests.conftest import API_VERSION, KEY, Serve
from tests.support.azurite import Azurite

MESSAGES: Any = [{"role": "user", "content": "What is Azure?"}]
UPSTREAM_KEY = "the-key-of-the-upstream"


@pytest.fixture(params=["folder", "blobs"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """The settings of a store of its own."""
    if request.param == "folder":
        return {"recording_dir": str(tmp_path / "recordings")}
    azurite: Azurite = request.getfixturevalue("azurite")
    return {
        "storage": StorageConnection(azurite.connection_string),
        "recording_container": f"c{uuid.uuid4().hex}",
    }


@pytest.fixture
def upstream(serve: Serve) -> dict[str, Any]:
    """The settings that name an upstream: another simulator, which makes its answers up."""
    return {"upstream_endpoint": serve(api_key=UPSTREAM_KEY), "upstream_key": UPSTREAM_KEY}


@pytest.fixture
def client_at() -> Iterator[Callable[..., openai.AzureOpenAI]]:
    """Make clients of an address, which are closed at the end: left to the collector of garbage, their
    sockets may be collected before what closes them."""
    with contextlib.ExitStack() as stack:

        def make(url: str, key: str = KEY) -> openai.AzureOpenAI:
            made = openai.AzureOpenAI(
                azure_endpoint=url, api_key=key, api_version=API_VERSION, max_retries=0
            )
            return stack.enter_context(made)

        yield make


@pytest.fixture
def client_of(
    serve: Serve, client_at: Callable[..., openai.AzureOpenAI]
) -> Callable[..., openai.AzureOpenAI]:
    return lambda **settings: client_at(serve(**settings))


def told(client: openai.AzureOpenAI, **parameters: Any) -> str | None:
    given: dict[str, Any] = {"max_tokens": 20, **parameters}
    answer = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, **given)
    return answer.choices[0].message.content


def streamed(client: openai.AzureOpenAI) -> list[str]:
    events = client.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, max_tokens=12, stream=True
    )
    return [e.choices[0].delta.content or "" for e in events if e.choices]


def test_what_the_upstream_said_is_replayed(
    client_of: Callable[..., openai.AzureOpenAI], store: dict[str, Any], upstream: dict[str, Any]
) -> None:
    recorder = client_of(mode="record", **store, **upstream)
    replayer = client_of(mode="replay", **store)
    assert told(recorder) == told(replayer)
    assert streamed(recorder) == streamed(replayer)
    vectors = [
        client.embeddings.create(model="text-embedding-3-small", input="Azure").data[0].embedding
        for client in (recorder, replayer)
    ]
    assert vectors[0] == vectors[1]


def test_binary_answers_and_uploads_are_replayed(
    client_of: Callable[..., openai.AzureOpenAI], store: dict[str, Any], upstream: dict[str, Any]
) -> None:
    recorder = client_of(mode="record", **store, **upstream)
    replayer = client_of(mode="replay", **store)
    sounds = [
        client.audio.speech.create(
            model="tts", voice="alloy", input="Hello there", response_format="wav"
        ).content
        for client in (recorder, replayer)
    ]
    assert sounds[0] == sounds[1]
    texts = [
        client.audio.transcriptions.create(model="whisper", file=("a.wav", sounds[0])).text
        for client in (recorder, replayer)
    ]
    assert texts[0] == texts[1]


def test_collected_recordings_are_replayed_once_they_are_saved(
    serve: Serve,
    client_at: Callable[..., openai.AzureOpenAI],
    client_of: Callable[..., openai.AzureOpenAI],
    store: dict[str, Any],
    upstream: dict[str, Any],
) -> None:
    url = serve(mode="record", recording_autosave=False, **store, **upstream)
    recorder = client_at(url)
    said = told(recorder)
    saved = httpx2.post(f"{url}/++/save-recordings", headers={"api-key": KEY})
    assert (saved.status_code, saved.json()["saved"]) == (200, 1)
    assert told(client_of(mode="replay", **store)) == said


def test_a_miss_shows_what_differs(
    client_of: Callable[..., openai.AzureOpenAI], store: dict[str, Any], upstream: dict[str, Any]
) -> None:
    told(client_of(mode="record", **store, **upstream))
    with pytest.raises(openai.NotFoundError, match="max_tokens: asked 21, recorded 20"):
        told(client_of(mode="replay", **store), max_tokens=21)


def test_a_miss_may_be_generated_or_forwarded(
    client_of: Callable[..., openai.AzureOpenAI], store: dict[str, Any], upstream: dict[str, Any]
) -> None:
    assert told(client_of(mode="replay", replay_miss="generate", **store))
    forwarded = told(client_of(mode="replay", replay_miss="forward", **store, **upstream))
    assert told(client_of(mode="replay", **store)) == forwarded


def test_ignored_fields_make_no_other_request(
    client_of: Callable[..., openai.AzureOpenAI], store: dict[str, Any], upstream: dict[str, Any]
) -> None:
    ignoring = {"match_ignore": ("user", "seed"), **store}
    said = told(client_of(mode="record", **ignoring, **upstream), user="a", seed=1)
    assert told(client_of(mode="replay", **ignoring), user="b") == said


def test_a_refusal_of_the_upstream_reaches_the_client_and_is_not_kept(
    serve: Serve,
    client_of: Callable[..., openai.AzureOpenAI],
    store: dict[str, Any],
    tmp_path: Path,
) -> None:
    deployments = tmp_path / "deployments.json"
    deployments.write_text(json.dumps({"gpt-4o": {"model": "gpt-4o", "tokensPerMinute": 100}}))
    limited = serve(api_key=UPSTREAM_KEY, deployments_path=str(deployments))
    upstream = {"upstream_endpoint": limited, "upstream_key": UPSTREAM_KEY}
    recorder = client_of(mode="record", **store, **upstream)
    with pytest.raises(openai.RateLimitError) as refused:
        told(recorder, max_tokens=500)
    assert refused.value.code == "RateLimitReached"
    assert refused.value.response.headers["retry-after-ms"]
    with pytest.raises(openai.NotFoundError):
        told(client_of(mode="replay", **store), max_tokens=500)


@pytest.mark.parametrize("mode", ["record", "replay"])
def test_a_caller_without_the_key_is_not_let_in(
    mode: str,
    serve: Serve,
    client_at: Callable[..., openai.AzureOpenAI],
    store: dict[str, Any],
    upstream: dict[str, Any],
) -> None:
    url = serve(mode=mode, **store, **upstream)
    stranger = client_at(url, UPSTREAM_KEY)
    with pytest.raises(openai.AuthenticationError):
        told(stranger)


def test_an_upstream_that_cannot_be_reached_is_named(
    client_of: Callable[..., openai.AzureOpenAI], store: dict[str, Any]
) -> None:
    nowhere = {"upstream_endpoint": "http://127.0.0.1:9", "upstream_key": "k"}
    with pytest.raises(openai.InternalServerError) as failed:
        told(client_of(mode="record", **store, **nowhere))
    assert failed.value.status_code == 502
    assert "127.0.0.1:9" in failed.value.message
