"""The sound of a text: soft tones in the rhythm of its words, as long as reading it aloud takes."""

import functools
import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE_RATE = 24_000
"""Samples per second, of one channel and 16 bits: what the real service gives as `pcm`."""
BYTES_PER_SECOND = 2 * SAMPLE_RATE

CHARACTERS_PER_SECOND = 15
_SHORTEST = 0.2

_LOUDNESS = 7_000
_SYLLABLE = 3
_WORD = re.compile(r"\w+")
# Steps of a pentatonic scale, in semitones: whatever follows whatever sounds well.
_SCALE = (0, 2, 4, 7, 9, 12)
# Hertz: voices lie between the lowest and twice as high.
_LOWEST_VOICE = 130.0


def spoken_seconds(text: str, speed: float) -> float:
    """The playing time; `speed` 1 is that of ordinary speech."""
    return max(_SHORTEST, len(text) / CHARACTERS_PER_SECOND / speed)


def spoken(text: str, voice: str, speed: float) -> "NDArray[np.int16]":
    """The samples: a tone for each few letters, silence for the rest. Voices differ in pitch."""
    # Imported here: numpy takes 0.1 s, and most processes never speak.
    import numpy as np

    samples = np.zeros(round(spoken_seconds(text, speed) * SAMPLE_RATE), np.int16)
    per_character = SAMPLE_RATE / CHARACTERS_PER_SECOND / speed
    # Each length and pitch is made once: a text has many syllables and few kinds of them.
    tone = functools.lru_cache(maxsize=128)(_tone)
    pitch = _LOWEST_VOICE * (1 + zlib.crc32(voice.encode()) / 2**32)
    for word in _WORD.finditer(text):
        for start in range(word.start(), word.end(), _SYLLABLE):
            end = min(start + _SYLLABLE, word.end())
            step = _SCALE[zlib.crc32(text[start:end].lower().encode()) % len(_SCALE)]
            sound = tone(int((end - start) * per_character), pitch * 2 ** (step / 12))
            at = int(start * per_character)
            samples[at : at + len(sound)] = sound[: len(samples) - at]
    return samples


def _tone(length: int, pitch: float) -> "NDArray[np.int16]":
    """A tone with two overtones that swells and fades."""
    import numpy as np

    time = np.arange(length) / SAMPLE_RATE * pitch * 2 * np.pi
    wave = np.sin(time) + np.sin(2 * time) / 3 + np.sin(3 * time) / 6
    envelope = np.sin(np.linspace(0, np.pi, length)) ** 0.6
    return (wave * envelope * _LOUDNESS).astype(np.int16)
