"""Spoken answers of chat: which requests may have one, and its sound.

The refusal of formats in a stream, and of a request without audio: reported by users of OpenAI's API.
That another model refuses the modality, or sound in a message, is known, the words are our choice: of sound
those that the service has for images.
"""

import base64
import functools
import math
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.json import encode

from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, missing_parameter
from simulator.operations.audio.encoding import encoded
from simulator.operations.audio.tones import spoken, spoken_seconds
from simulator.operations.chat.messages import AudioOutput, AudioPart, ImagePart, Part, UserMessage
from simulator.operations.chat.parameters import ChatParameters

MOST_CHARACTERS = 4_096
"""Characters of an answer that are spoken, as many as the speech operation takes."""
_SPEAKING = re.compile(r"gpt-4o(-mini)?-audio-preview|gpt-audio.*")
_TOKENS_PER_SECOND = 20
_KEPT_SECONDS = 3_600
_PCM = "pcm16"
_PIECE = 24_000


class SpokenAnswer(Struct, frozen=True):
    """The sound of one answer, in the format that the request names."""

    id: str
    data: bytes
    transcript: str
    expires_at: int

    @property
    def members(self) -> dict[str, object]:
        return {
            "data": base64.b64encode(self.data).decode(),
            "expires_at": self.expires_at,
            "id": self.id,
            "transcript": self.transcript,
        }

    def deltas(self) -> Iterator[str]:
        """The deltas of a stream that carry sound, and the last one, which says how long it is kept."""
        for start in range(0, len(self.data), _PIECE):
            piece = base64.b64encode(self.data[start : start + _PIECE]).decode()
            yield _delta({"data": piece, "id": self.id})
        yield _delta({"expires_at": self.expires_at, "id": self.id})

    def text(self, piece: str) -> str:
        """The delta with a piece of the transcript."""
        return _delta({"id": self.id, "transcript": piece})


def _delta(members: dict[str, object]) -> str:
    return f'"audio":{encode(members).decode()}'


def speaks(parameters: ChatParameters) -> bool:
    """Return True if the answer is to be spoken."""
    return parameters.modalities is not None and "audio" in parameters.modalities


def speak(text: str, audio: AudioOutput, id_: str, now: int) -> SpokenAnswer:
    """The spoken form of a text; of a long one, its beginning."""
    voice = audio.voice if isinstance(audio.voice, str) else "custom"
    samples = spoken(text[:MOST_CHARACTERS], voice, 1.0)
    data = encoded(samples, "pcm" if audio.format == _PCM else audio.format)
    return SpokenAnswer(id_, data, text, now + _KEPT_SECONDS)


def audio_tokens(text: str) -> int:
    """The tokens that the sound of a text counts: 20 a second (OpenAI's page on the costs of its Realtime
    API)."""
    return math.ceil(spoken_seconds(text[:MOST_CHARACTERS], 1.0) * _TOKENS_PER_SECOND)


@functools.lru_cache(256)
def _can_speak(model: str) -> bool:
    return _SPEAKING.fullmatch(model) is not None


def check_spoken(parameters: ChatParameters, model: Model, *, silent: bool) -> None:
    """Refuse what a model cannot say, or not in this form; a `silent` request has nothing of sound."""
    if not _can_speak(model.name):
        if not silent:
            _check_silent(parameters, model)
        return
    _check_images(parameters)
    if not speaks(parameters):
        if not _heard(parameters):
            raise InvalidRequest(
                "This model requires that either input content or output modality contain audio.",
                param="model",
                code="invalid_value",
            )
        return
    audio = parameters.audio
    if audio is None:
        raise missing_parameter("audio")
    if parameters.stream and audio.format != _PCM:
        raise _unsupported("audio.format", audio.format, "when stream=true", f"'{_PCM}'")
    if audio.format == "aac":
        raise InvalidRequest(
            "The simulator does not make 'aac'. It makes 'wav', 'mp3', 'flac', 'opus', and 'pcm16'.",
            param="audio.format",
            code="unsupported_value",
        )


def _check_silent(parameters: ChatParameters, model: Model) -> None:
    """Refuse sound; what models of other makers hear is not known."""
    if speaks(parameters):
        raise _unsupported("modalities", "audio", "with this model", "'text'")
    if model.maker != "OpenAI":
        return
    for index, parts in _user_parts(parameters):
        for at, part in enumerate(parts):
            if isinstance(part, AudioPart):
                raise InvalidRequest(
                    "Invalid content type. input_audio is only supported by certain models.",
                    param=f"messages.[{index}].content.[{at}].type",
                )


def _check_images(parameters: ChatParameters) -> None:
    """Refuse images, with the words that Azure's audio models were reported to have (2025-06)."""
    for index, parts in _user_parts(parameters):
        if any(isinstance(part, ImagePart) for part in parts):
            raise InvalidRequest(
                "This model does not support image_url content.",
                param=f"messages[{index}].content",
                code="invalid_value",
            )


def _heard(parameters: ChatParameters) -> bool:
    """Return True if a message of the user has audio."""
    return any(
        isinstance(part, AudioPart) for _, parts in _user_parts(parameters) for part in parts
    )


def _user_parts(parameters: ChatParameters) -> list[tuple[int, Sequence[Part]]]:
    """The parts of each message of the user that is no plain text, and its place."""
    found: list[tuple[int, Sequence[Part]]] = []
    for index, message in enumerate(parameters.messages):
        content = message.content
        # isinstance takes several times as long, and every request comes by here.
        if type(content) is list and type(message) is UserMessage:
            found.append((index, content))
    return found


def _unsupported(name: str, value: str, where: str, supported: str) -> InvalidRequest:
    return InvalidRequest(
        f"Unsupported value: '{name}' does not support '{value}' {where}. Supported values are: "
        f"{supported}.",
        param=name,
        code="unsupported_value",
    )
