"""The parameters of transcriptions and translations, checked as the real service does."""

import zlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Literal

from msgspec import Meta, Struct

from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, RequestTooLarge, missing_parameter
from simulator.messages import Request
from simulator.operations.audio.duration import UnreadableAudio, audio_seconds
from simulator.operations.audio.languages import LANGUAGES
from simulator.operations.form_operation import form_of
from simulator.wire.body import Body
from simulator.wire.forms import File

MAX_BYTES = 26_214_400
"""25 MB, the body of the request (reported by users)."""

_FORMATS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
# Seconds; the longest is that of the newer models (reported by users).
_SHORTEST, _LONGEST = 0.1, 1400.0

_WHISPER_FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
_TRANSCRIBE_FORMATS = ("json", "text")
_DIARIZE_FORMATS = ("json", "text", "diarized_json")


class AudioParameters(Struct, frozen=True, kw_only=True):
    """OpenAPI document 2025-03-01-preview, and OpenAI's for the newer models.

    A field that is not documented is passed over, as the real service does with forms.
    """

    model: str | None = None
    prompt: str | None = None
    language: str | None = None
    response_format: Literal["json", "text", "srt", "verbose_json", "vtt", "diarized_json"] = "json"
    temperature: Annotated[float, Meta(ge=0, le=1)] = 0
    timestamp_granularities: list[Literal["word", "segment"]] = []
    stream: bool = False
    include: list[Literal["logprobs"]] = []
    chunking_strategy: str | None = None
    known_speaker_names: Annotated[list[str], Meta(max_length=4)] = []


_BODY = Body(AudioParameters)
_LISTS = ("timestamp_granularities", "include", "known_speaker_names")
_TEXTS = ("model", "prompt", "language", "chunking_strategy", "known_speaker_names")


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """Audio that has passed all checks; `seed` depends on every byte of it."""

    parameters: AudioParameters
    model: Model
    seconds: float
    megabytes: float
    seed: int

    @property
    def whisper(self) -> bool:
        return is_whisper(self.model)

    @property
    def streamed(self) -> bool:
        """Whisper does not stream, and lets the parameter pass (OpenAI's documentation)."""
        return self.parameters.stream and not self.whisper


def is_whisper(model: Model) -> bool:
    return model.name.startswith("whisper")


def read_audio(request: Request, model: Model) -> TranscriptionRequest:
    """Return the audio in the form of a request. Raises `InvalidRequest`, of which `RequestTooLarge` is
    one."""
    size = len(request.body)
    if size > MAX_BYTES:
        raise RequestTooLarge(
            f"Maximum content size limit ({MAX_BYTES}) exceeded ({size} bytes read)"
        )
    form = form_of(request)
    parameters = form.decode(_BODY, lists=_LISTS, texts=_TEXTS)
    _check(parameters, model)
    files = form.files.get("file")
    if not files:
        raise missing_parameter("file")
    file = files[-1]
    seconds = _seconds(file, model)
    return TranscriptionRequest(
        parameters, model, seconds, len(file.data) / 1_048_576, zlib.crc32(file.data)
    )


def _check(parameters: AudioParameters, model: Model) -> None:
    allowed = _formats_of(model)
    asked = parameters.response_format
    if asked not in allowed:
        listed = ", ".join(f"'{name}'" for name in allowed[:-1])
        raise InvalidRequest(
            f"response_format '{asked}' is not compatible with model '{model.name}'. Use {listed} "
            f"or '{allowed[-1]}' instead.",
            param="response_format",
            code="unsupported_value",
        )
    if parameters.timestamp_granularities and asked != "verbose_json":
        raise InvalidRequest(
            "timestamp_granularities[] needs response_format 'verbose_json'.",
            param="timestamp_granularities",
            code="invalid_value",
        )
    if parameters.language is not None and parameters.language.lower() not in LANGUAGES:
        raise InvalidRequest(
            f"Invalid language '{parameters.language}'. Language parameter must be specified in "
            "ISO-639-1 format.",
            param="language",
            code="invalid_language_format",
        )
    if model.name.endswith("-diarize") and parameters.chunking_strategy is None:
        raise InvalidRequest(
            "chunking_strategy is required for diarization models",
            param="chunking_strategy",
            code="invalid_value",
        )


def _formats_of(model: Model) -> tuple[str, ...]:
    if is_whisper(model):
        return _WHISPER_FORMATS
    return _DIARIZE_FORMATS if model.name.endswith("-diarize") else _TRANSCRIBE_FORMATS


def _seconds(file: File, model: Model) -> float:
    if PurePath(file.name).suffix.lower().removeprefix(".") not in _FORMATS:
        raise InvalidRequest(f"Unrecognized file format. Supported formats: {list(_FORMATS)}")
    try:
        seconds = audio_seconds(file.data)
    except UnreadableAudio:
        raise _unreadable(model) from None
    if seconds < _SHORTEST:
        raise InvalidRequest(
            "Audio file is too short. Minimum audio length is 0.1 seconds.",
            param="file",
            code="audio_too_short",
        )
    if seconds > _LONGEST and not is_whisper(model):
        raise _too_long(seconds, model)
    return seconds


def _too_long(seconds: float, model: Model) -> InvalidRequest:
    """The words of gpt-4o-transcribe, and those of its siblings, which count tokens (users of OpenAI's API,
    2026, for the mini and the diarizing one; their limit by analogy)."""
    if model.name == "gpt-4o-transcribe":
        return InvalidRequest(
            f"audio duration {seconds} seconds is longer than {_LONGEST:g} seconds which is the "
            "maximum for this model",
            code="invalid_value",
        )
    return InvalidRequest(
        "Total number of tokens in instructions + audio is too large for this model",
        code="input_too_large",
    )


def _unreadable(model: Model) -> InvalidRequest:
    if is_whisper(model):
        return InvalidRequest(f"Invalid file format. Supported formats: {list(_FORMATS)}")
    return InvalidRequest(
        "Audio file might be corrupted or unsupported", param="file", code="invalid_value"
    )
