"""Audio to upload: samples in `tests/audio`, and silence of any length."""

import io
import wave
from pathlib import Path

AUDIO = Path(__file__).with_name("audio")


def sample(name: str) -> bytes:
    return (AUDIO / name).read_bytes()


def silence(seconds: float, *, rate: int = 8000) -> bytes:
    """A WAV file of one channel and 8 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(rate)
        writer.writeframes(b"\x80" * round(seconds * rate))
    return file.getvalue()
