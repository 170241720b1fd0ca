"""Speech."""

import base64
import io
import json
from typing import Any

import httpx2
import numpy as np
import openai
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.authentication.caller import NOBODY
from simulator.catalogue.api_versions import KNOWN
from simulator.latency import Tempo
from simulator.messages import Request
from simulator.operations.audio.tones import SAMPLE_RATE, spoken, spoken_seconds
from simulator.resolution import resolve
from tests.conftest import API_VERSION, KEY, MakeSimulator
from tests.support.asking import error_of

TTS, NEWER = "my-tts", "my-gpt-4o-mini-tts"
TEXT = "The quick brown fox jumps over the lazy dog, and then it sleeps."
SECONDS = len(TEXT) / 15


def _post(http: httpx2.Client, deployment: str = TTS, **parameters: Any) -> httpx2.Response:
    return http.post(
        f"/openai/deployments/{deployment}/audio/speech",
        params={"api-version": API_VERSION},
        json={"input": TEXT, "voice": "alloy", **parameters},
    )


@pytest.mark.parametrize(
    ("form", "content_type", "container"),
    [
        ("mp3", "audio/mpeg", "MP3"),
        ("opus", "audio/opus", "OGG"),
        ("flac", "audio/flac", "FLAC"),
        ("wav", "audio/wav", "WAV"),
    ],
)
def test_each_format_plays_as_long_as_the_text(
    client: openai.AzureOpenAI, form: Any, content_type: str, container: str
) -> None:
    answer = client.audio.speech.create(model=TTS, voice="alloy", input=TEXT, response_format=form)
    assert answer.response.headers["content-type"] == content_type
    sound = soundfile.info(io.BytesIO(answer.content))
    assert (sound.format, sound.channels) == (container, 1)
    assert sound.duration == pytest.approx(SECONDS, abs=0.15)


def test_pcm_is_samples_alone(client: openai.AzureOpenAI) -> None:
    answer = client.audio.speech.create(model=TTS, voice="alloy", input=TEXT, response_format="pcm")
    samples = np.frombuffer(answer.content, "<i2")
    assert len(samples) == round(SECONDS * SAMPLE_RATE)
    assert 2_000 < np.abs(samples).max() < 12_000


def test_mp3_is_the_default(http: httpx2.Client) -> None:
    assert _post(http).headers["content-type"] == "audio/mpeg"


def test_the_same_text_sounds_the_same(http: httpx2.Client) -> None:
    assert _post(http, response_format="pcm").content == _post(http, response_format="pcm").content


def test_voices_sound_different() -> None:
    voices = ("nova", "shimmer", "echo", "onyx", "fable", "alloy", "ash", "sage", "coral")
    assert len({spoken("Hello there", voice, 1).tobytes() for voice in voices}) == len(voices)


def test_syllables_differ_in_pitch() -> None:
    samples = spoken("one two six ten", "alloy", 1)
    words = np.split(samples, [6400, 12800, 19200])
    assert len({word[:4000].tobytes() for word in words}) > 1


@pytest.mark.parametrize("speed", [0.25, 0.5, 4])
def test_speed_shortens_the_sound(http: httpx2.Client, speed: float) -> None:
    length = len(_post(http, speed=speed, response_format="pcm").content) / 2 / SAMPLE_RATE
    assert length == pytest.approx(SECONDS / speed, abs=0.001)


@given(
    st.text(min_size=1, max_size=300), st.floats(min_value=0.25, max_value=4), st.text(max_size=5)
)
@settings(deadline=None)
def test_any_text_can_be_spoken(text: str, speed: float, voice: str) -> None:
    assert len(spoken(text, voice, speed)) == round(spoken_seconds(text, speed) * SAMPLE_RATE)


def test_speech_is_streamed(client: openai.AzureOpenAI) -> None:
    create = client.audio.speech.with_streaming_response.create
    with create(model=TTS, voice="alloy", input=TEXT * 4, response_format="wav") as answer:
        assert "content-length" not in answer.headers
        data = b"".join(answer.iter_bytes())
    assert soundfile.info(io.BytesIO(data)).duration == pytest.approx(SECONDS * 4, abs=0.01)


def test_events_carry_the_sound_and_what_was_used(http: httpx2.Client) -> None:
    answer = _post(http, NEWER, stream_format="sse", response_format="pcm", instructions="Softly.")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    events = [
        json.loads(event.removeprefix("data: ")) for event in answer.text.rstrip().split("\n\n")
    ]
    *deltas, done = events
    assert {delta["type"] for delta in deltas} == {"speech.audio.delta"}
    sound = b"".join(base64.b64decode(delta["audio"]) for delta in deltas)
    assert sound == _post(http, NEWER, response_format="pcm").content
    assert done["type"] == "speech.audio.done"
    usage = done["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (17, 89)


def test_v1_speaks(server: str) -> None:
    with openai.OpenAI(base_url=f"{server}/openai/v1/", api_key=KEY) as client:
        answer = client.audio.speech.create(model=NEWER, voice="coral", input="Hi", speed=2)
    assert soundfile.info(io.BytesIO(answer.content)).duration > 0.1


def test_an_unknown_voice_is_refused_as_recorded(http: httpx2.Client) -> None:
    assert error_of(_post(http, voice="sage")) == {
        "message": "[{'type': 'enum', 'loc': ('body', 'voice'), 'msg': \"Input should be 'nova', "
        "'shimmer', 'echo', 'onyx', 'fable' or 'alloy'\", 'input': 'sage', 'ctx': {'expected': "
        "\"'nova', 'shimmer', 'echo', 'onyx', 'fable' or 'alloy'\"}}]",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


def test_the_newer_model_has_more_voices(http: httpx2.Client) -> None:
    assert _post(http, NEWER, voice="sage").status_code == 200
    error = error_of(_post(http, NEWER, voice="bob"))
    assert error["message"].startswith("Invalid value: 'bob'. Supported values are: 'alloy', ")
    assert (error["param"], error["code"]) == ("voice", "invalid_value")


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"input": "x" * 4097}, "String should have at most 4096 characters"),
        ({"input": ""}, "String should have at least 1 character"),
        ({"speed": 0.2}, "Input should be greater than or equal to 0.25"),
        ({"speed": 4.5}, "Input should be less than or equal to 4"),
        (
            {"response_format": "ogg"},
            "Input should be 'mp3', 'opus', 'aac', 'flac', 'wav' or 'pcm'",
        ),
    ],
)
def test_what_is_out_of_bounds_is_refused(
    http: httpx2.Client, parameters: dict[str, Any], told: str
) -> None:
    assert told in error_of(_post(http, **parameters))["message"]


def test_the_longest_text_is_spoken(http: httpx2.Client) -> None:
    assert _post(http, input="x" * 4096, speed=4, response_format="pcm").status_code == 200


def test_what_is_not_made_is_said(http: httpx2.Client) -> None:
    error = error_of(_post(http, response_format="aac"))
    assert error["message"] == (
        "The simulator does not make 'aac'. It makes 'mp3', 'opus', 'flac', 'wav', 'pcm'."
    )


def test_the_older_models_stream_no_events(http: httpx2.Client) -> None:
    error = error_of(_post(http, stream_format="sse"))
    assert (error["param"], error["code"]) == ("stream_format", "unsupported_value")


def test_a_voice_is_needed(http: httpx2.Client) -> None:
    answer = http.post(
        f"/openai/deployments/{TTS}/audio/speech?api-version={API_VERSION}", json={"input": "Hi"}
    )
    assert error_of(answer)["message"] == "Missing required parameter: 'voice'."


def test_an_api_version_without_speech_does_not_know_the_route(http: httpx2.Client) -> None:
    old = "2023-12-01-preview"
    assert old in KNOWN
    answer = http.post(
        f"/openai/deployments/{TTS}/audio/speech?api-version={old}",
        json={"input": "Hi", "voice": "alloy"},
    )
    assert answer.status_code == 404


async def test_pieces_are_due_as_the_sound_is_made(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator()
    body = json.dumps({"input": TEXT, "voice": "alloy", "response_format": "pcm"}).encode()
    request = Request(
        "POST",
        f"/openai/deployments/{TTS}/audio/speech",
        f"api-version={API_VERSION}",
        {"api-key": KEY},
        body,
    )
    match = simulator._routes.find("POST", request.path)
    assert match is not None
    in_force = simulator._active.current
    call = resolve(request, match, in_force, NOBODY, strict=True)
    answer = await call.operation.generate(call, Tempo(1.0, 1.0))
    assert isinstance(answer.chunks, tuple)
    moments = [chunk.due for chunk in answer.chunks]
    assert moments == sorted(moments)
    assert moments[-1] == pytest.approx(SECONDS)
    assert moments[0] < 0.5
