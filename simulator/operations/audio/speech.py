"""Speech: `POST …/audio/speech`, streamed as bytes or, by the newer models, as events."""

import base64
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct
from msgspec.json import encode

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.models import Model
from simulator.concurrency import loaded, off_loop
from simulator.errors import InvalidRequest, ResourceNotFound
from simulator.latency import Tempo
from simulator.messages import Answer, Chunk, Usage
from simulator.operations.audio.encoding import SOUND_FORMATS, content_type_of, encoded
from simulator.operations.audio.pydantic_errors import refuse_length, refuse_other, refuse_outside
from simulator.operations.audio.tones import BYTES_PER_SECOND, spoken, spoken_seconds
from simulator.operations.base import EMPTY_SUMMARY, Call, Operation, RequestSummary, Target
from simulator.operations.model_checks import listed
from simulator.operations.routes import model_routes
from simulator.wire.body import Body
from simulator.wire.sse import event

MAX_CHARACTERS = 4096
_SLOWEST, _FASTEST = 0.25, 4.0
_CHUNK_BYTES = 16_384
# Output tokens of gpt-4o-mini-tts, by OpenAI's price per minute.
_TOKENS_PER_SECOND = 1250 / 60

# In the order in which the real service lists them.
_VOICES = ("nova", "shimmer", "echo", "onyx", "fable", "alloy")
_NEWER_VOICES = (
    "alloy", "echo", "fable", "onyx", "nova", "shimmer", "coral", "verse", "ballad", "ash", "sage",
    "marin", "cedar",
)  # fmt: skip
_DOCUMENTED_FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")


class SpeechParameters(Struct, frozen=True, kw_only=True):
    """OpenAPI document 2025-03-01-preview, and OpenAI's for gpt-4o-mini-tts."""

    input: str
    voice: str
    model: str | None = None
    instructions: str | None = None
    response_format: str = "mp3"
    speed: float = 1.0
    stream_format: Literal["sse", "audio"] = "audio"


_BODY = Body(SpeechParameters)


@dataclass(frozen=True, slots=True)
class Speech:
    """A speech request that has passed all checks."""

    parameters: SpeechParameters
    model: Model

    @property
    def seconds(self) -> float:
        return spoken_seconds(self.parameters.input, self.parameters.speed)


class AudioSpeech(Operation[Speech]):
    name = "audio_speech"
    routes = model_routes("audio/speech")
    capability = "audioSpeech"
    limit_name = "Audio_Speech"

    def parse(self, target: Target) -> Speech:
        if older_than(target.api_version, "2024-02-15"):
            raise ResourceNotFound
        parameters = _BODY.decode(target.request.body)
        _check(parameters, target.model)
        return Speech(parameters, target.model)

    async def summary(self, call: Call[Speech]) -> RequestSummary:
        if call.parameters is None:
            return EMPTY_SUMMARY
        spoken = call.parameters.parameters
        return RequestSummary(spoken.input, (spoken.input,), streamed=spoken.stream_format == "sse")

    async def generate(self, call: Call[Speech], tempo: Tempo) -> Answer:
        speech = call.parsed
        await loaded("numpy", "soundfile")
        size = int(BYTES_PER_SECOND * speech.seconds)
        return await off_loop(size, lambda: self._answer(speech, tempo))

    def _answer(self, speech: Speech, tempo: Tempo) -> Answer:
        parameters = speech.parameters
        samples = spoken(parameters.input, parameters.voice, parameters.speed)
        data = encoded(samples, parameters.response_format)
        usage = self._usage(speech)
        if parameters.stream_format == "sse":
            chunks = tuple(_events(data, speech.seconds, usage, tempo))
            return Answer.stream(chunks, usage=usage)
        chunks = tuple(_pieces(data, speech.seconds, tempo))
        content_type = content_type_of(parameters.response_format)
        return Answer(200, chunks, content_type, streamed=True, usage=usage)

    def _usage(self, speech: Speech) -> Usage:
        text = f"{speech.parameters.instructions or ''}{speech.parameters.input}"
        tokens = self._resources.tokenizer.count(text, speech.model.encoding)
        return Usage(tokens, math.ceil(speech.seconds * _TOKENS_PER_SECOND))


def _check(parameters: SpeechParameters, model: Model) -> None:
    newer = model.name.startswith("gpt-")
    refuse_length("input", parameters.input, 1, MAX_CHARACTERS)
    if newer:
        _check_newer_voice(parameters.voice)
    else:
        refuse_other("voice", parameters.voice, _VOICES)
    refuse_other("response_format", parameters.response_format, _DOCUMENTED_FORMATS)
    refuse_outside("speed", parameters.speed, _SLOWEST, _FASTEST)
    if parameters.response_format not in SOUND_FORMATS:
        listed = ", ".join(f"'{name}'" for name in SOUND_FORMATS)
        raise InvalidRequest(
            f"The simulator does not make '{parameters.response_format}'. It makes {listed}.",
            param="response_format",
            code="unsupported_value",
        )
    if parameters.stream_format == "sse" and not newer:
        raise InvalidRequest(
            f"stream_format 'sse' is not supported with model '{model.name}'.",
            param="stream_format",
            code="unsupported_value",
        )


def _check_newer_voice(voice: str) -> None:
    """Refuse another voice in the words of OpenAI's service (weak: one report, 2025-06)."""
    if voice not in _NEWER_VOICES:
        raise InvalidRequest(
            f"Invalid value: '{voice}'. Supported values are: {listed(_NEWER_VOICES)}.",
            param="voice",
            code="invalid_value",
        )


def _pieces(data: bytes, seconds: float, tempo: Tempo) -> Iterator[Chunk]:
    """The file in pieces, each due when as much of the sound is made."""
    for start in range(0, len(data), _CHUNK_BYTES):
        piece = data[start : start + _CHUNK_BYTES]
        yield Chunk(piece, tempo.sounding(seconds * (start + len(piece)) / len(data)))


def _events(data: bytes, seconds: float, usage: Usage, tempo: Tempo) -> Iterator[Chunk]:
    for piece, due in _pieces(data, seconds, tempo):
        audio = base64.b64encode(piece).decode()
        yield Chunk(event(encode({"type": "speech.audio.delta", "audio": audio})), due)
    done = {
        "type": "speech.audio.done",
        "usage": {
            "input_tokens": usage.prompt,
            "output_tokens": usage.completion,
            "total_tokens": usage.total,
        },
    }
    yield Chunk(event(encode(done)), tempo.sounding(seconds))
