"""Samples as files: the formats of spoken answers."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.operations.audio.tones import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class _Format:
    content_type: str
    container: str = ""
    coding: str = ""


_FORMATS = {
    "mp3": _Format("audio/mpeg", "MP3", "MPEG_LAYER_III"),
    "opus": _Format("audio/opus", "OGG", "OPUS"),
    "flac": _Format("audio/flac", "FLAC", "PCM_16"),
    "wav": _Format("audio/wav", "WAV", "PCM_16"),
    "pcm": _Format("audio/pcm"),
}
SOUND_FORMATS = tuple(_FORMATS)


def content_type_of(name: str) -> str:
    """The content type of one of `SOUND_FORMATS`."""
    return _FORMATS[name].content_type


def encoded(samples: "NDArray[np.int16]", name: str) -> bytes:
    """The samples in one of `SOUND_FORMATS`; `pcm` is them alone, little-endian."""
    form = _FORMATS[name]
    if not form.container:
        return samples.astype("<i2").tobytes()
    # Imported here: it loads libsndfile, and most processes never speak.
    import soundfile

    write: Any = soundfile.write  # pyright: ignore[reportUnknownMemberType] - untyped
    file = io.BytesIO()
    write(file, samples, SAMPLE_RATE, format=form.container, subtype=form.coding)
    return file.getvalue()
