"""Spoken answers of the audio models, as the real client hears them."""

import base64
import io
from typing import Any

import openai
import pytest
import soundfile

from tests.conftest import MakeSimulator
from tests.support.asking import ask, route

MESSAGES: Any = [{"role": "user", "content": "Say hello"}]
WAV: Any = {"voice": "alloy", "format": "wav"}
BOTH: Any = ["text", "audio"]


@pytest.mark.parametrize("model", ["gpt-4o-audio-preview", "gpt-audio", "gpt-audio-mini"])
@pytest.mark.parametrize("form", ["wav", "mp3", "flac", "opus"])
def test_an_answer_can_be_played(client: openai.AzureOpenAI, model: str, form: Any) -> None:
    answer = client.chat.completions.create(
        model=model,
        messages=MESSAGES,
        modalities=BOTH,
        audio={"voice": "alloy", "format": form},
        max_tokens=20,
    )
    message = answer.choices[0].message
    assert message.content is None
    assert message.audio is not None
    assert message.audio.id.startswith("audio_")
    assert message.audio.transcript
    assert message.audio.expires_at == answer.created + 3_600
    data, rate = soundfile.read(io.BytesIO(base64.b64decode(message.audio.data)))
    assert len(data) / rate == pytest.approx(len(message.audio.transcript) / 15, abs=0.3)
    assert abs(data).max() > 0.05
    usage = answer.usage
    assert usage is not None
    assert usage.completion_tokens_details is not None
    audio = usage.completion_tokens_details.audio_tokens
    assert audio
    assert usage.completion_tokens == 20 + audio


def test_a_stream_has_the_transcript_and_then_the_sound(client: openai.AzureOpenAI) -> None:
    events = list(
        client.chat.completions.create(
            model="gpt-4o-audio-preview",
            messages=MESSAGES,
            modalities=BOTH,
            audio={"voice": "alloy", "format": "pcm16"},
            max_tokens=20,
            stream=True,
        )
    )
    parts: list[Any] = [
        audio
        for event in events
        if event.choices and (audio := event.choices[0].delta.model_dump().get("audio"))
    ]
    transcript = "".join(part.get("transcript") or "" for part in parts)
    samples = b"".join(base64.b64decode(part["data"]) for part in parts if part.get("data"))
    assert len(samples) / 48_000 == pytest.approx(len(transcript) / 15, abs=0.3)
    assert len({part["id"] for part in parts}) == 1
    assert parts[-1]["expires_at"]
    assert not any(event.choices[0].delta.content for event in events if event.choices)


def test_an_earlier_spoken_answer_is_taken(client: openai.AzureOpenAI) -> None:
    history: Any = [
        *MESSAGES,
        {"role": "assistant", "audio": {"id": "audio_1"}},
        {"role": "user", "content": "Again"},
    ]
    assert client.chat.completions.create(
        model="gpt-4o-audio-preview", messages=history, modalities=BOTH, audio=WAV, max_tokens=5
    )


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "gpt-4o",
        {"modalities": BOTH, "audio": WAV},
        "modalities",
        "'modalities' does not support 'audio' with this model",
    ),
    ("gpt-4o-audio-preview", {}, "model", "either input content or output modality contain audio"),
    ("gpt-audio", {"modalities": BOTH}, "audio", "Missing required parameter: 'audio'"),
    (
        "gpt-audio",
        {"modalities": BOTH, "audio": WAV, "stream": True},
        "audio.format",
        "'audio.format' does not support 'wav' when stream=true. Supported values are: 'pcm16'.",
    ),
    (
        "gpt-audio",
        {"modalities": BOTH, "audio": {**WAV, "format": "aac"}},
        "audio.format",
        "The simulator does not make 'aac'",
    ),
    ("gpt-audio", {"modalities": BOTH, "audio": {"format": "wav"}}, "audio.voice", "audio.voice"),
]


@pytest.mark.parametrize(("model", "more", "param", "says"), REFUSED)
async def test_what_cannot_be_spoken_is_refused(
    make_simulator: MakeSimulator, model: str, more: dict[str, Any], param: str, says: str
) -> None:
    body = {"messages": MESSAGES, **more}
    reply = await ask(make_simulator(), route("chat/completions", model), body)
    assert reply.status == 400
    assert reply.error[1] == param
    assert says in reply.error[0]


async def test_what_is_heard_may_be_answered_in_writing(make_simulator: MakeSimulator) -> None:
    part = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    body = {"messages": [{"role": "user", "content": [part]}], "max_tokens": 4}
    reply = await ask(make_simulator(), route("chat/completions", "gpt-audio"), body)
    assert reply.json["choices"][0]["message"]["content"]


@pytest.mark.parametrize("model", ["gpt-4o-audio-preview", "gpt-audio", "gpt-audio-1.5"])
def test_audio_models_take_no_schema(client: openai.AzureOpenAI, model: str) -> None:
    """simonw/llm issue 794, and tests of a gateway in April 2026."""
    schema: Any = {"type": "object", "properties": {}, "additionalProperties": False}
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(
            model=model,
            messages=MESSAGES,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "a", "strict": True, "schema": schema},
            },
        )
    assert "'json_schema' is not supported with this model." in refused.value.message
    assert (refused.value.param, refused.value.code) == (None, None)
