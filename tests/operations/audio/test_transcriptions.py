"""Transcriptions and translations."""

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx2
import openai
import pytest

from simulator.assembly.simulator import create_simulator
from simulator.catalogue.deployment_file import parse_deployments
from simulator.configuration.settings import Settings
from simulator.messages import Request
from simulator.operations.audio.duration import audio_seconds
from simulator.operations.audio.languages import LANGUAGES
from tests.conftest import API_VERSION, KEY
from tests.support.asking import error_of
from tests.support.audio_files import AUDIO, sample, silence

# Names that are not in the list of deployments have no limits.
WHISPER, TRANSCRIBE, DIARIZE = "my-whisper", "my-gpt-4o-transcribe", "my-gpt-4o-transcribe-diarize"
# The client marks the whole of translations as deprecated.
DEPRECATED = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
SOUNDS = sorted(path.name for path in AUDIO.iterdir() if path.suffix != ".md")


def _post(
    http: httpx2.Client,
    *,
    deployment: str = WHISPER,
    task: str = "transcriptions",
    file: tuple[str, bytes] = ("speech.wav", silence(20)),
    fields: Mapping[str, Any] | None = None,
    **others: str,
) -> httpx2.Response:
    return http.post(
        f"/openai/deployments/{deployment}/audio/{task}",
        params={"api-version": API_VERSION},
        data={**(fields or {}), **others},
        files={"file": file},
    )


@pytest.mark.parametrize("name", SOUNDS)
def test_every_format_is_heard(client: openai.AzureOpenAI, name: str) -> None:
    with (AUDIO / name).open("rb") as file:
        heard = client.audio.transcriptions.create(model=WHISPER, file=file)
    assert len(heard.text.split()) == round(2.5 * audio_seconds(sample(name)))


def test_a_minute_is_150_words(client: openai.AzureOpenAI) -> None:
    heard = client.audio.transcriptions.create(model=WHISPER, file=("a.wav", silence(60)))
    assert len(heard.text.split()) == 150
    assert heard.text.endswith(".")


def test_the_same_audio_is_heard_the_same(http: httpx2.Client) -> None:
    assert _post(http).content == _post(http).content


def test_other_audio_is_heard_differently(http: httpx2.Client) -> None:
    assert _post(http).content != _post(http, file=("a.wav", silence(20, rate=16_000))).content


def test_a_temperature_makes_it_vary(http: httpx2.Client) -> None:
    assert _post(http, temperature="0.8").content != _post(http, temperature="0.8").content


def test_json_of_whisper_is_the_text_alone(http: httpx2.Client) -> None:
    assert list(_post(http).json()) == ["text"]


@pytest.mark.parametrize("layout", ["text", "srt", "vtt"])
def test_text_formats_are_plain_text(http: httpx2.Client, layout: str) -> None:
    answer = _post(http, response_format=layout)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_text_is_one_line(http: httpx2.Client) -> None:
    assert _post(http, response_format="text").text == _post(http).json()["text"] + "\n"


SRT = re.compile(
    r"(\d+)\n(\d\d:\d\d:\d\d,\d{3}) --> (\d\d:\d\d:\d\d,\d{3})\n([^\n]+)\n\n",
)
VTT = re.compile(r"()(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})\n([^\n]+)\n\n")


def test_srt_numbers_its_blocks_to_the_end(http: httpx2.Client) -> None:
    text = _post(http, response_format="srt").text
    blocks = SRT.findall(text)
    assert "".join(f"{n}\n{a} --> {b}\n{t}\n\n" for n, a, b, t in blocks) + "\n" == text
    assert [int(number) for number, *_ in blocks] == list(range(1, len(blocks) + 1))
    assert blocks[0][1] == "00:00:00,000"
    assert blocks[-1][2] == "00:00:20,000"


def test_vtt_has_its_head_and_the_same_text(http: httpx2.Client) -> None:
    text = _post(http, response_format="vtt").text
    assert text.startswith("WEBVTT\n\n00:00:00.000 --> ")
    assert " ".join(block[3] for block in VTT.findall(text)) == _post(http).json()["text"]


def test_verbose_json_has_segments_by_default(client: openai.AzureOpenAI) -> None:
    heard = client.audio.transcriptions.create(
        model=WHISPER, file=("a.wav", silence(90)), response_format="verbose_json"
    )
    assert heard.duration == 90
    assert heard.language == "english"
    assert heard.words is None
    assert heard.segments is not None
    assert "".join(segment.text for segment in heard.segments) == f" {heard.text}"
    assert [segment.id for segment in heard.segments] == list(range(len(heard.segments)))
    assert heard.segments[-1].end == 90
    assert {segment.seek for segment in heard.segments} == {0, 3000, 6000}
    for before, after in zip(heard.segments, heard.segments[1:], strict=False):
        assert before.start < before.end == after.start


def test_segments_have_all_the_documented_members(http: httpx2.Client) -> None:
    body = _post(http, response_format="verbose_json").json()
    assert list(body) == ["task", "language", "duration", "text", "segments"]
    assert set(body["segments"][0]) == {
        "id", "seek", "start", "end", "text", "tokens", "temperature", "avg_logprob",
        "compression_ratio", "no_speech_prob",
    }  # fmt: skip


def test_word_timestamps_cover_the_audio(client: openai.AzureOpenAI) -> None:
    heard = client.audio.transcriptions.create(
        model=WHISPER,
        file=("a.wav", silence(20)),
        response_format="verbose_json",
        timestamp_granularities=["word"],
    )
    assert heard.segments is None
    assert heard.words is not None
    assert len(heard.words) == 50
    assert (heard.words[0].start, heard.words[-1].end) == (0, 20)
    assert all(word.word.isalpha() or "'" in word.word for word in heard.words)


def test_words_and_segments_come_together(http: httpx2.Client) -> None:
    body = _post(
        http,
        response_format="verbose_json",
        fields={"timestamp_granularities[]": ["word", "segment"]},
    ).json()
    assert {"words", "segments"} <= set(body)


def test_the_language_is_named(http: httpx2.Client) -> None:
    body = _post(http, response_format="verbose_json", language="de").json()
    assert (body["language"], body["task"]) == ("german", "transcribe")


@DEPRECATED
def test_a_translation_is_english(client: openai.AzureOpenAI) -> None:
    heard = client.audio.translations.create(
        model=WHISPER, file=("a.wav", silence(20)), response_format="verbose_json"
    )
    assert heard.language == "english"
    assert len(heard.text.split()) == 50


def test_a_translation_says_its_task(http: httpx2.Client) -> None:
    body = _post(http, task="translations", response_format="verbose_json").json()
    assert body["task"] == "translate"


def test_the_newer_models_say_what_they_used(client: openai.AzureOpenAI) -> None:
    heard = client.audio.transcriptions.create(
        model=TRANSCRIBE, file=("a.wav", silence(20)), prompt="Hello there"
    )
    assert heard.usage is not None
    assert heard.usage.type == "tokens"
    assert heard.usage.input_token_details is not None
    assert heard.usage.input_token_details.audio_tokens == 200
    assert heard.usage.input_token_details.text_tokens == 2
    assert heard.usage.input_tokens == 202
    assert heard.usage.total_tokens == 202 + heard.usage.output_tokens
    assert heard.usage.output_tokens > 50


def test_logprobs_come_when_asked_for(client: openai.AzureOpenAI) -> None:
    heard = client.audio.transcriptions.create(
        model=TRANSCRIBE, file=("a.wav", silence(2)), include=["logprobs"]
    )
    assert heard.logprobs is not None
    assert "".join(entry.token or "" for entry in heard.logprobs) == heard.text


def test_a_streamed_transcription_is_the_plain_one(client: openai.AzureOpenAI) -> None:
    plain = client.audio.transcriptions.create(model=TRANSCRIBE, file=("a.wav", silence(20)))
    stream = client.audio.transcriptions.create(
        model=TRANSCRIBE, file=("a.wav", silence(20)), stream=True
    )
    *deltas, done = stream
    assert all(event.type == "transcript.text.delta" for event in deltas)
    assert "".join(event.delta for event in deltas if event.type == "transcript.text.delta") == (
        plain.text
    )
    assert done.type == "transcript.text.done"
    assert (done.text, done.usage and done.usage.total_tokens) == (
        plain.text,
        plain.usage and plain.usage.type == "tokens" and plain.usage.total_tokens,
    )


def test_a_streamed_delta_has_its_logprob(http: httpx2.Client) -> None:
    answer = _post(http, deployment=TRANSCRIBE, stream="true", fields={"include[]": "logprobs"})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    first = json.loads(answer.text.split("\n\n")[0].removeprefix("data: "))
    assert first["logprobs"][0]["token"] == first["delta"]


def test_whisper_lets_stream_pass(http: httpx2.Client) -> None:
    assert _post(http, stream="true").json()["text"]


def test_speakers_take_turns(client: openai.AzureOpenAI) -> None:
    heard: Any = client.audio.transcriptions.create(
        model=DIARIZE,
        file=("a.wav", silence(60)),
        response_format="diarized_json",
        chunking_strategy="auto",
    )
    assert {segment.speaker for segment in heard.segments} == {"A", "B"}
    assert " ".join(segment.text for segment in heard.segments) == heard.text


def test_known_speakers_are_named_in_a_stream(client: openai.AzureOpenAI) -> None:
    stream = client.audio.transcriptions.create(
        model=DIARIZE,
        file=("a.wav", silence(60)),
        response_format="diarized_json",
        chunking_strategy="auto",
        known_speaker_names=["Ann", "Ben"],
        stream=True,
    )
    speakers = {event.speaker for event in stream if event.type == "transcript.text.segment"}
    assert speakers == {"Ann", "Ben"}


def test_v1_names_the_deployment_in_the_form(v1: openai.OpenAI) -> None:
    heard = v1.audio.transcriptions.create(model=WHISPER, file=("a.wav", silence(4)))
    assert len(heard.text.split()) == 10


@DEPRECATED
def test_v1_translates(v1: openai.OpenAI) -> None:
    assert v1.audio.translations.create(model=WHISPER, file=("a.wav", silence(4))).text


def test_v1_without_a_deployment_is_refused(http: httpx2.Client) -> None:
    answer = http.post("/openai/v1/audio/transcriptions", files={"file": ("a.wav", silence(1))})
    assert error_of(answer)["message"] == "Missing required parameter: 'model'."


def test_audio_over_25_mb_is_refused(http: httpx2.Client) -> None:
    answer = _post(http, file=("a.wav", bytes(26_214_400)))
    size = int(answer.request.headers["content-length"])
    assert answer.status_code == 413
    assert answer.json() == {
        "error": {
            "message": f"Maximum content size limit (26214400) exceeded ({size} bytes read)",
            "type": "server_error",
            "param": None,
            "code": None,
        }
    }


SUPPORTED = "['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']"


@pytest.mark.parametrize("name", ["speech", "speech.txt", "speech.aac", "wav"])
def test_an_unknown_ending_is_refused(http: httpx2.Client, name: str) -> None:
    error = error_of(_post(http, file=(name, silence(1))))
    assert error["message"] == f"Unrecognized file format. Supported formats: {SUPPORTED}"


def test_whisper_refuses_what_is_no_audio(http: httpx2.Client) -> None:
    error = error_of(_post(http, file=("a.mp3", b"no audio at all")))
    assert error == {
        "message": f"Invalid file format. Supported formats: {SUPPORTED}",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


def test_the_newer_models_refuse_what_is_no_audio(http: httpx2.Client) -> None:
    error = error_of(_post(http, deployment=TRANSCRIBE, file=("a.mp3", b"no audio at all")))
    assert error == {
        "message": "Audio file might be corrupted or unsupported",
        "type": "invalid_request_error",
        "param": "file",
        "code": "invalid_value",
    }


def test_audio_that_is_too_short_is_refused(http: httpx2.Client) -> None:
    assert error_of(_post(http, file=("a.wav", silence(0.05)))) == {
        "message": "Audio file is too short. Minimum audio length is 0.1 seconds.",
        "type": "invalid_request_error",
        "param": "file",
        "code": "audio_too_short",
    }


def test_the_newer_models_refuse_long_audio(http: httpx2.Client) -> None:
    error = error_of(_post(http, deployment=TRANSCRIBE, file=("a.wav", silence(1401))))
    assert error["message"] == (
        "audio duration 1401.0 seconds is longer than 1400 seconds which is the maximum for this "
        "model"
    )


@pytest.mark.parametrize(
    ("deployment", "layout", "use"),
    [
        (TRANSCRIBE, "verbose_json", "'json' or 'text'"),
        (TRANSCRIBE, "srt", "'json' or 'text'"),
        (DIARIZE, "vtt", "'json', 'text' or 'diarized_json'"),
        (WHISPER, "diarized_json", "'json', 'text', 'srt', 'verbose_json' or 'vtt'"),
    ],
)
def test_a_format_of_other_models_is_refused(
    http: httpx2.Client, deployment: str, layout: str, use: str
) -> None:
    error = error_of(_post(http, deployment=deployment, response_format=layout))
    model = deployment.removeprefix("my-")
    assert error["message"] == (
        f"response_format '{layout}' is not compatible with model '{model}'. Use {use} instead."
    )
    assert (error["param"], error["code"]) == ("response_format", "unsupported_value")


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"response_format": "yaml"}, "response_format", "invalid_value"),
        ({"temperature": "1.5"}, "temperature", "decimal_above_max_value"),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"timestamp_granularities[]": "word"}, "timestamp_granularities", "invalid_value"),
        ({"language": "english"}, "language", "invalid_language_format"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(
    http: httpx2.Client, fields: dict[str, str], param: str, code: str
) -> None:
    error = error_of(_post(http, fields=fields))
    assert (error["param"], error["code"]) == (param, code)


def test_diarization_needs_a_chunking_strategy(http: httpx2.Client) -> None:
    error = error_of(_post(http, deployment=DIARIZE))
    assert error["message"] == "chunking_strategy is required for diarization models"


def test_a_form_without_a_file_is_refused(http: httpx2.Client) -> None:
    answer = http.post(
        f"/openai/deployments/{WHISPER}/audio/transcriptions",
        params={"api-version": API_VERSION},
        files={"other": ("a.wav", silence(1))},
    )
    assert error_of(answer)["message"] == "Missing required parameter: 'file'."


def test_json_instead_of_a_form_is_refused(http: httpx2.Client) -> None:
    answer = http.post(
        f"/openai/deployments/{WHISPER}/audio/transcriptions",
        params={"api-version": API_VERSION},
        json={"file": "speech.wav"},
    )
    assert error_of(answer)["message"] == "Could not parse multipart form"


def test_a_chat_model_does_not_listen(http: httpx2.Client) -> None:
    assert error_of(_post(http, deployment="my-gpt-4o"))["code"] == "OperationNotSupported"


def test_a_transcribe_model_does_not_translate(http: httpx2.Client) -> None:
    error = error_of(_post(http, deployment=TRANSCRIBE, task="translations"))
    assert error["code"] == "OperationNotSupported"


def test_a_whisper_deployment_hears_three_files_a_minute() -> None:
    deployments = parse_deployments('{"mine": {"model": "whisper"}}', "file")
    assert deployments["mine"].requests_per_minute == 3


def test_every_language_has_its_code() -> None:
    assert all(re.fullmatch("[a-z]{2}", code) for code in LANGUAGES)
    assert LANGUAGES["cy"] == "welsh"


@pytest.mark.parametrize("operation", ["transcriptions", "translations"])
async def test_time_goes_by_the_megabyte(operation: str) -> None:
    settings = Settings(api_key=KEY, translations_mean=200.0, translations_std_dev=0.0)
    # The clock stands still: what the work itself takes would be taken off the time to wait.
    simulator = create_simulator(settings, clock=lambda: 0.0)
    content = silence(65.536, rate=8000)  # half a megabyte
    request = httpx2.Request(
        "POST",
        f"http://test/openai/deployments/{WHISPER}/audio/{operation}",
        files={"file": ("a.wav", content)},
    )
    slept: list[float] = []

    async def until(moment: float) -> None:
        slept.append(moment)

    simulator._pacer._until = until
    await simulator(
        Request(
            "POST",
            request.url.path,
            f"api-version={API_VERSION}",
            {"api-key": KEY, "content-type": request.headers["content-type"]},
            request.read(),
        )
    )
    assert slept == [pytest.approx(0.1, rel=0.001)]


def test_whisper_answers_in_the_recorded_layout(http: httpx2.Client) -> None:
    # Recorded 2024-12.
    answer = _post(http)
    assert answer.content == json.dumps(answer.json(), indent=2).encode()
    assert len(answer.content) == 16 + len(answer.json()["text"])
    srt = _post(http, response_format="srt").text
    assert srt.endswith("\n\n\n")
    assert not srt.endswith("\n\n\n\n")


def test_verbose_json_ends_with_the_words_and_has_a_decimal_temperature(
    http: httpx2.Client,
) -> None:
    answer = _post(
        http,
        response_format="verbose_json",
        fields={"timestamp_granularities[]": ["word", "segment"]},
    )
    assert list(answer.json())[-2:] == ["segments", "words"]
    assert '"temperature": 0.0' in answer.text


@pytest.mark.parametrize(("seconds", "billed"), [(3.07, 4), (4, 4), (0.2, 1)])
@pytest.mark.parametrize("layout", ["json", "text"])
def test_whisper_says_what_is_paid_for(
    http: httpx2.Client, seconds: float, billed: int, layout: str
) -> None:
    answer = _post(http, file=("a.wav", silence(seconds)), response_format=layout)
    expected = f"CognitiveServices.OpenAI.Whisper={billed}"
    assert answer.headers["csp-billing-usage"] == expected
    assert not {"x-accel-buffering", "x-ms-rai-invoked"} & set(answer.headers)


def test_newer_models_are_billed_by_their_tokens(http: httpx2.Client) -> None:
    assert "csp-billing-usage" not in _post(http, deployment=TRANSCRIBE).headers
