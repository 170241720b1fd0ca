"""The playing time of uploaded audio."""

import io

from simulator.operations.audio.matroska import MAGIC as MATROSKA
from simulator.operations.audio.matroska import matroska_seconds

# Bits per second of AAC speech, assumed of a fragmented MP4 (a recording of Safari), which does not say
# how long it is.
_ASSUMED_BIT_RATE = 32_000
# Bytes in which the first frame of an MP3 must be found, behind its tag.
_MP3_SEARCH = 8_192
_ID3_HEAD = 10
# In one kilobit.
_BYTES = 125


class UnreadableAudio(ValueError):
    """The bytes are no audio of a known format, or hold no sound."""


def audio_seconds(data: bytes) -> float:
    """The playing time of a WAV, MP3, MP4, Ogg, FLAC or WebM file, whatever its name; raises
    `UnreadableAudio`."""
    matroska = data.startswith(MATROSKA)
    seconds = matroska_seconds(data) if matroska else _tagged_seconds(data)
    if seconds is None:
        raise UnreadableAudio
    return seconds


def _tagged_seconds(data: bytes) -> float | None:
    # Imported here: most processes never see audio.
    from tinytag import TinyTag, TinyTagException

    kind = _kind(data)
    if kind is None:
        return None
    try:
        tag = TinyTag.get(f"audio.{kind}", io.BytesIO(data), tags=False)
    except TinyTagException:
        return None
    if kind == "m4a" and tag.duration == 0 and b"moof" in data:
        return len(data) * 8 / _ASSUMED_BIT_RATE
    if kind == "wav" and tag.duration and tag.bitrate:
        # A piped recording says that it is as long as can be.
        return min(tag.duration, len(data) / (tag.bitrate * _BYTES))
    return tag.duration


def _kind(data: bytes) -> str | None:
    """The format by the first bytes, as a file ending."""
    for kind, at, magic in (
        ("wav", 0, b"RIFF"),
        ("flac", 0, b"fLaC"),
        ("ogg", 0, b"OggS"),
        ("m4a", 4, b"ftyp"),
    ):
        if data.startswith(magic, at):
            return kind
    return "mp3" if _is_mp3(data) else None


def _is_mp3(data: bytes) -> bool:
    """Return True if two frames follow each other: single ones are found in any noise."""
    start = 0
    if data.startswith(b"ID3") and len(data) >= _ID3_HEAD:
        start = _ID3_HEAD + sum(
            byte << shift for byte, shift in zip(data[6:10], _SHIFTS, strict=True)
        )
    for at in range(start, min(start + _MP3_SEARCH, len(data) - 4)):
        length = _frame_length(data[at : at + 4])
        if length and _frame_length(data[at + length : at + length + 4]):
            return True
    return False


_SHIFTS = (21, 14, 7, 0)
# Bits per second by index, in thousands, of MPEG 1 and of MPEG 2 (layer III); Hertz by index.
_BIT_RATES = {
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLE_RATES = {
    3: (44_100, 48_000, 32_000),
    2: (22_050, 24_000, 16_000),
    0: (11_025, 12_000, 8_000),
}


def _frame_length(head: bytes) -> int:
    """The bytes of the MPEG layer III frame with this head; 0 if it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, frequency = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in _SAMPLE_RATES or rate in (0, 15) or frequency == 3:
        return 0
    bits = _BIT_RATES[3 if version == 3 else 2][rate] * (144_000 if version == 3 else 72_000)
    return bits // _SAMPLE_RATES[version][frequency] + (head[2] >> 1 & 1)
