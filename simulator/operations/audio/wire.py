"""The bodies of transcriptions and translations (OpenAPI documents, OpenAI's for newer models)."""

import math
import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from simulator.latency import Tempo
from simulator.messages import Chunk, Usage
from simulator.operations.audio.languages import LANGUAGES
from simulator.operations.audio.parameters import TranscriptionRequest
from simulator.operations.audio.subtitles import srt, vtt
from simulator.operations.audio.transcript import Segment, Transcript
from simulator.synthesis.logprobs import token_logprobs
from simulator.wire.sse import event

Task = Literal["transcribe", "translate"]

TEXT = "text/plain; charset=utf-8"
_JSON = "application/json"

AUDIO_TOKENS_PER_SECOND = 10

# Whisper's own token numbers: the first of its time stamps, each 20 ms after the one before.
_FIRST_TIME_TOKEN = 50_364
_WORD_TOKENS = 50_256
_SEEK_FRAMES, _SEEK_SECONDS = 3000, 30

_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Transcription:
    """A transcription, ready to be encoded."""

    request: TranscriptionRequest
    transcript: Transcript
    task: Task
    usage: Usage
    rng: random.Random

    @property
    def language(self) -> str:
        if self.task == "translate":
            return "english"
        return LANGUAGES[(self.request.parameters.language or "en").lower()]

    @property
    def logprobs(self) -> bool:
        return "logprobs" in self.request.parameters.include


def body_of(transcription: Transcription) -> tuple[bytes, str]:
    """The body in the requested format, and its content type."""
    transcript = transcription.transcript
    match transcription.request.parameters.response_format:
        case "text":
            return f"{transcript.text}\n".encode(), TEXT
        case "srt":
            return srt(transcript).encode(), TEXT
        case "vtt":
            return vtt(transcript).encode(), TEXT
        case "verbose_json":
            return _indented(_verbose(transcription)), _JSON
        case "diarized_json":
            return _indented(_diarized(transcription)), _JSON
        case "json":
            return _indented(_plain(transcription)), _JSON


def _indented(body: object) -> bytes:
    """Return JSON indented by two, without a line end (recorded 2024-12)."""
    return msgspec.json.format(_encode(body), indent=2)


def billing(seconds: float) -> dict[str, str]:
    """The header that says what of Whisper is paid for: seconds, rounded up (recorded 2024-12)."""
    return {"csp-billing-usage": f"CognitiveServices.OpenAI.Whisper={math.ceil(seconds)}"}


def events_of(transcription: Transcription, tempo: Tempo) -> Iterator[Chunk]:
    """A delta for each word, each speaker's segment when it ends, and at last the whole."""
    megabytes, done = transcription.request.megabytes, 0
    words = len(transcription.transcript.words)
    diarized = transcription.request.parameters.response_format == "diarized_json"
    for segment, speaker in _speakers(transcription):
        for word in segment.words:
            delta = f" {word.text}" if done else word.text
            done += 1
            body: dict[str, object] = {"type": "transcript.text.delta", "delta": delta}
            if transcription.logprobs:
                body["logprobs"] = _logprobs([delta], transcription.rng)
            yield Chunk(event(_encode(body)), tempo.sounding(megabytes * done / words))
        if diarized:
            body = _speaker_segment(segment, speaker, transcription.rng)
            yield Chunk(event(_encode(body)), tempo.sounding(megabytes * done / words))
    body = {"type": "transcript.text.done", **_plain(transcription)}
    yield Chunk(event(_encode(body)), tempo.sounding(megabytes))


def _plain(transcription: Transcription) -> dict[str, object]:
    """Whisper says the text alone; the newer models say what they used too."""
    body: dict[str, object] = {"text": transcription.transcript.text}
    if transcription.request.whisper:
        return body
    if transcription.logprobs:
        words = [word.text for word in transcription.transcript.words]
        body["logprobs"] = _logprobs(
            [words[0], *(f" {word}" for word in words[1:])], transcription.rng
        )
    return {**body, "usage": _usage(transcription)}


def _usage(transcription: Transcription) -> dict[str, object]:
    audio = audio_tokens(transcription.request.seconds)
    return {
        "type": "tokens",
        "total_tokens": transcription.usage.total,
        "input_tokens": transcription.usage.prompt,
        "input_token_details": {
            "text_tokens": transcription.usage.prompt - audio,
            "audio_tokens": audio,
        },
        "output_tokens": transcription.usage.completion,
    }


def audio_tokens(seconds: float) -> int:
    """The tokens that a gpt-4o model counts for audio of this length."""
    return math.ceil(seconds * AUDIO_TOKENS_PER_SECOND)


def _verbose(transcription: Transcription) -> dict[str, object]:
    transcript, parameters = transcription.transcript, transcription.request.parameters
    asked = parameters.timestamp_granularities or ["segment"]
    body: dict[str, object] = {
        "task": transcription.task,
        "language": transcription.language,
        "duration": round(transcript.seconds, 2),
        "text": transcript.text,
    }
    if "segment" in asked:
        body["segments"] = [
            _segment(number, segment, parameters.temperature, transcription.rng)
            for number, segment in enumerate(transcript.segments)
        ]
    if "word" in asked:
        body["words"] = [
            {"word": word.text.strip(".,"), "start": word.start, "end": word.end}
            for word in transcript.words
        ]
    return body


def _segment(
    number: int, segment: Segment, temperature: float, rng: random.Random
) -> dict[str, object]:
    text = f" {segment.text}"
    seek = int(segment.start // _SEEK_SECONDS)
    offset = seek * _SEEK_SECONDS
    words = [zlib.crc32(word.text.encode()) % _WORD_TOKENS for word in segment.words]
    tokens = [_time_token(segment.start - offset), *words, _time_token(segment.end - offset)]
    return {
        "id": number,
        "seek": seek * _SEEK_FRAMES,
        "start": segment.start,
        "end": segment.end,
        "text": text,
        "tokens": tokens,
        "temperature": float(temperature),
        "avg_logprob": -round(0.15 + rng.random() / 5, 7),
        # Whisper's own definition.
        "compression_ratio": round(len(text.encode()) / len(zlib.compress(text.encode())), 7),
        "no_speech_prob": round(rng.random() / 50, 7),
    }


def _time_token(seconds: float) -> int:
    return _FIRST_TIME_TOKEN + round(seconds * 50)


def _diarized(transcription: Transcription) -> dict[str, object]:
    return {
        "task": transcription.task,
        "duration": round(transcription.transcript.seconds, 2),
        "text": transcription.transcript.text,
        "segments": [
            _speaker_segment(segment, speaker, transcription.rng)
            for segment, speaker in _speakers(transcription)
        ],
        "usage": _usage(transcription),
    }


def _speakers(transcription: Transcription) -> Sequence[tuple[Segment, str]]:
    """The segments, taken in turns by the known speakers, or by two unknown ones."""
    names = transcription.request.parameters.known_speaker_names or ["A", "B"]
    return [
        (segment, names[number % len(names)])
        for number, segment in enumerate(transcription.transcript.segments)
    ]


def _speaker_segment(segment: Segment, speaker: str, rng: random.Random) -> dict[str, object]:
    return {
        "type": "transcript.text.segment",
        "id": f"seg_{rng.getrandbits(64):016x}",
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "speaker": speaker,
    }


def _logprobs(pieces: Sequence[str], rng: random.Random) -> list[dict[str, object]]:
    keys = ("token", "logprob", "bytes")
    entries = token_logprobs(pieces, 0, rng) or []
    return [{key: entry[key] for key in keys} for entry in entries]
