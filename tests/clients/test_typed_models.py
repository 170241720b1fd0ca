"""Every answer and every event against the models of the installed openai package, strictly: no value is
converted, no required member is missing, no literal is another word.

The package itself never validates what it receives, but others do so with its models.
"""

import functools
import io
import json
from typing import Any, get_args

import httpx2
import pydantic
import pytest
from openai.types import (
    Completion,
    CreateEmbeddingResponse,
    ImageEditStreamEvent,
    ImageGenStreamEvent,
    ImagesResponse,
    Model,
)
from openai.types.audio import (
    Transcription,
    TranscriptionDiarized,
    TranscriptionStreamEvent,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseItemList, ResponseStreamEvent
from PIL import Image

from tests.operations.responses.instances import function
from tests.support.audio_files import silence

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
CHAT_TOOL = {"type": "function", "function": {"name": "weather", "parameters": PARAMETERS}}
MESSAGES = [{"role": "user", "content": "What is the weather in Oslo?"}]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}

CHATS: dict[str, dict[str, Any]] = {
    "text": {"model": "gpt-4o"},
    "reasoning": {"model": "gpt-5-nano"},
    "choices": {"model": "gpt-4.1-mini", "n": 2, "logprobs": True, "top_logprobs": 2},
    "call": {"model": "gpt-4o", "tools": [CHAT_TOOL], "tool_choice": "required"},
    "cut": {"model": "gpt-4o", "max_tokens": 2},
    "spoken": {
        "model": "gpt-audio",
        "modalities": ["text", "audio"],
        "audio": {"voice": "alloy", "format": "pcm16"},
        "max_tokens": 2,
    },
    "usage": {"model": "gpt-5.2", "stream_options": {"include_usage": True}},
}
RESPONSES: dict[str, dict[str, Any]] = {
    "text": {"model": "gpt-4o-mini"},
    "reasoning": {
        "model": "gpt-5-nano",
        "reasoning": {"effort": "low", "summary": "auto", "context": "current_turn"},
        "include": ["reasoning.encrypted_content"],
    },
    "phase": {"model": "gpt-5.6-sol"},
    "call": {"model": "gpt-5", "tools": [function()], "tool_choice": "required"},
    "search": {"model": "gpt-4o", "tools": [{"type": "web_search_preview"}]},
    "searches": {"model": "gpt-5.5", "tools": [{"type": "web_search"}]},
    "cut": {"model": "gpt-4o", "max_output_tokens": 16},
    "logprobs": {
        "model": "gpt-4o",
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 2,
    },
    "schema": {
        "model": "gpt-4o",
        "text": {
            "format": {"type": "json_schema", "name": "place", "schema": SCHEMA, "strict": True}
        },
    },
    "background": {"model": "gpt-4o", "background": True},
}


IMAGES: dict[str, dict[str, Any]] = {
    "dall-e-3": {"model": "dall-e-3"},
    "gpt-image-2": {"model": "gpt-image-2", "quality": "low"},
}
TRANSCRIPTS: dict[str, tuple[str, dict[str, str], Any]] = {
    "whisper": ("whisper", {}, Transcription),
    "verbose": ("whisper", {"response_format": "verbose_json"}, TranscriptionVerbose),
    "newer": ("gpt-4o-transcribe", {}, Transcription),
    "logprobs": ("gpt-4o-transcribe", {"include[]": "logprobs"}, Transcription),
    "diarized": (
        "gpt-4o-transcribe-diarize",
        {"response_format": "diarized_json", "chunking_strategy": "auto"},
        TranscriptionDiarized,
    ),
}


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


@functools.cache
def _adapter(kind: Any) -> pydantic.TypeAdapter[Any]:
    return pydantic.TypeAdapter(kind)


def _check(kind: Any, body: bytes) -> None:
    """Refuse a body that the model does not hold to: JSON has the types that it has."""
    _adapter(kind).validate_json(body, strict=True)


@functools.cache
def _event_kinds(union: Any) -> dict[str, Any]:
    """The model of each type of event."""
    models = get_args(get_args(union)[0])
    return {get_args(model.model_fields["type"].annotation)[0]: model for model in models}


def _check_event(union: Any, body: bytes) -> None:
    _check(_event_kinds(union)[json.loads(body)["type"]], body)


def _events(body: bytes) -> list[bytes]:
    lines = [line for line in body.split(b"\n") if line.startswith(b"data: ")]
    return [line.removeprefix(b"data: ") for line in lines if line != b"data: [DONE]"]


@pytest.mark.parametrize("name", CHATS)
def test_a_chat_is_as_its_model_says(http: httpx2.Client, name: str) -> None:
    body = {"messages": MESSAGES, **CHATS[name]}
    body.pop("stream_options", None)
    answer = http.post("/openai/v1/chat/completions", json=body)
    assert answer.status_code == 200
    _check(ChatCompletion, answer.content)


@pytest.mark.parametrize("name", CHATS)
def test_every_chunk_of_a_chat_is_as_its_model_says(http: httpx2.Client, name: str) -> None:
    body = {"messages": MESSAGES, **CHATS[name], "stream": True}
    first, *chunks = _events(http.post("/openai/v1/chat/completions", json=body).content)
    # Azure's own, which the package reads all the same: an empty object and no choices.
    assert json.loads(first)["object"] == ""
    assert chunks
    for chunk in chunks:
        _check(ChatCompletionChunk, chunk)


@pytest.mark.parametrize("stream", [False, True])
def test_a_completion_is_as_its_model_says(http: httpx2.Client, stream: bool) -> None:
    body = {"model": "gpt-35-turbo-instruct", "prompt": "Hi", "max_tokens": 3, "logprobs": 1}
    answer = http.post("/openai/v1/completions", json={**body, "stream": stream})
    for one in _events(answer.content)[1:] if stream else [answer.content]:
        # The service sends null until the end, which the model of a whole answer does not know.
        _check(Completion, one.replace(b'"finish_reason":null', b'"finish_reason":"stop"'))


@pytest.mark.parametrize("name", RESPONSES)
def test_a_response_is_as_its_model_says(http: httpx2.Client, name: str) -> None:
    body = {"input": "What is the weather in Oslo?", **RESPONSES[name]}
    answer = http.post("/openai/v1/responses", json=body)
    assert answer.status_code == 200
    _check(Response, answer.content)
    identifier = answer.json()["id"]
    _check(Response, http.get(f"/openai/v1/responses/{identifier}").content)
    _check(ResponseItemList, http.get(f"/openai/v1/responses/{identifier}/input_items").content)


@pytest.mark.parametrize("name", RESPONSES)
def test_every_event_of_a_response_is_as_its_model_says(http: httpx2.Client, name: str) -> None:
    body = {"input": "What is the weather in Oslo?", **RESPONSES[name], "stream": True}
    events = _events(http.post("/openai/v1/responses", json=body).content)
    assert len(events) > 3
    for event in events:
        _check_event(ResponseStreamEvent, event)


def test_embeddings_are_as_their_model_says(http: httpx2.Client) -> None:
    body = {"model": "text-embedding-3-small", "input": ["a", "b"]}
    _check(CreateEmbeddingResponse, http.post("/openai/v1/embeddings", json=body).content)


@pytest.mark.parametrize("name", IMAGES)
def test_images_are_as_their_model_says(http: httpx2.Client, name: str) -> None:
    body = {"prompt": "a tabby cat", "size": "1024x1024", **IMAGES[name]}
    answer = http.post("/openai/v1/images/generations", json=body)
    assert answer.status_code == 200
    _check(ImagesResponse, answer.content)


EDIT = {"model": "gpt-image-1-mini", "prompt": "a hat", "size": "1024x1024", "quality": "low"}


def test_an_edited_image_is_as_its_model_says(http: httpx2.Client) -> None:
    answer = http.post("/openai/v1/images/edits", data=EDIT, files={"image": ("a.png", _png())})
    assert answer.status_code == 200
    _check(ImagesResponse, answer.content)


def test_every_event_of_an_image_is_as_its_model_says(http: httpx2.Client) -> None:
    streamed = {**EDIT, "stream": "true", "partial_images": "1"}
    files = {"image": ("a.png", _png())}
    edited = http.post("/openai/v1/images/edits", data=streamed, files=files)
    body = {**EDIT, "stream": True, "partial_images": 1}
    generated = http.post("/openai/v1/images/generations", json=body)
    kinds = ((edited, ImageEditStreamEvent), (generated, ImageGenStreamEvent))
    for answer, union in kinds:
        events = _events(answer.content)
        assert len(events) == 2
        for event in events:
            _check_event(union, event)


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_transcription_is_as_its_model_says(http: httpx2.Client, name: str) -> None:
    model, fields, kind = TRANSCRIPTS[name]
    answer = http.post(
        "/openai/v1/audio/transcriptions",
        data={"model": f"my-{model}", **fields},
        files={"file": ("a.wav", silence(3))},
    )
    assert answer.status_code == 200
    _check(kind, answer.content)


def test_a_translation_is_as_its_model_says(http: httpx2.Client) -> None:
    files = {"file": ("a.wav", silence(3))}
    path = "/openai/v1/audio/translations"
    for form, kind in (("json", Translation), ("verbose_json", TranslationVerbose)):
        data = {"model": "my-whisper", "response_format": form}
        _check(kind, http.post(path, data=data, files=files).content)


def test_every_event_of_a_transcription_is_as_its_model_says(http: httpx2.Client) -> None:
    fields = {"model": "my-gpt-4o-transcribe", "stream": "true"}
    answer = http.post(
        "/openai/v1/audio/transcriptions", data=fields, files={"file": ("a.wav", silence(3))}
    )
    events = _events(answer.content)
    assert len(events) > 1
    for event in events:
        _check_event(TranscriptionStreamEvent, event)


def test_a_model_is_as_its_model_says(http: httpx2.Client) -> None:
    models = http.get("/openai/v1/models").json()
    assert models["object"] == "list"
    _check(list[Model], json.dumps(models["data"]).encode())
    _check(Model, http.get("/openai/v1/models/gpt-4o").content)
