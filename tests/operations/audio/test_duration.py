"""The playing time of uploaded audio."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.operations.audio.duration import UnreadableAudio, audio_seconds
from simulator.operations.audio.matroska import MAGIC, matroska_seconds
from tests.support.audio_files import sample, silence

MAGICS = (b"RIFF", b"fLaC", b"OggS", b"    ftyp", b"ID3", b"\xff\xfb", MAGIC)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("tone.mp3", 3),
        ("headless.mp3", 3),
        ("tone.m4a", 3),
        ("tone.ogg", 3),
        ("opus.ogg", 3),
        ("tone.webm", 3),
        ("live.webm", 3),
        ("tone.flac", 2),
        ("piped.wav", 1),
    ],
)
def test_audio_is_as_long_as_it_plays(name: str, seconds: float) -> None:
    assert audio_seconds(sample(name)) == pytest.approx(seconds, rel=0.04)


@given(st.floats(min_value=0, max_value=5))
def test_a_wav_of_any_length_is_measured(seconds: float) -> None:
    assert audio_seconds(silence(seconds)) == pytest.approx(seconds, abs=0.001)


def test_a_fragmented_mp4_is_taken_for_low_speech() -> None:
    assert 1 < audio_seconds(sample("fragmented.mp4")) < 4


@pytest.mark.parametrize("data", [b"", b"RIFF", MAGIC, b"ID3", bytes(100_000), b"\xff\xfb" * 5000])
def test_what_is_no_audio_is_distinguished(data: bytes) -> None:
    with pytest.raises(UnreadableAudio):
        audio_seconds(data)


def test_one_mp3_frame_in_noise_is_no_audio() -> None:
    with pytest.raises(UnreadableAudio):
        audio_seconds(b"\xff\xfb\x90\x00" + bytes(range(256)) * 40)


@given(st.sampled_from(MAGICS), st.binary(max_size=400))
def test_no_bytes_break_the_measuring(magic: bytes, rest: bytes) -> None:
    with contextlib.suppress(UnreadableAudio):
        assert audio_seconds(magic + rest) >= 0


@given(st.data(), st.sampled_from(["tone.mp3", "tone.m4a", "tone.ogg", "live.webm", "tone.flac"]))
def test_no_damage_breaks_the_measuring(data: st.DataObject, name: str) -> None:
    damaged = bytearray(sample(name))
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, 300))] = data.draw(st.integers(0, 255))
    kept = data.draw(st.integers(0, len(damaged)))
    with contextlib.suppress(UnreadableAudio):
        assert audio_seconds(bytes(damaged[:kept])) >= 0


def _element(number: str, content: bytes) -> bytes:
    return bytes.fromhex(number) + (len(content) | 1 << 28).to_bytes(4, "big") + content


def _matroska(*content: bytes) -> bytes:
    # A segment of unknown length, as a live recording has.
    return _element("1a45dfa3", b"") + bytes.fromhex("18538067ff") + b"".join(content)


def _block(ticks: int) -> bytes:
    return _element("a3", b"\x81" + ticks.to_bytes(2, "big") + b"\x80sound")


def test_the_last_block_says_how_long_a_live_recording_plays() -> None:
    clusters = [
        _element("1f43b675", _element("e7", start.to_bytes(2, "big")) + _block(500))
        for start in (0, 1000)
    ]
    assert matroska_seconds(_matroska(*clusters)) == 1.5


def test_the_scale_says_how_long_a_tick_is() -> None:
    scale = _element("1549a966", _element("2ad7b1", (100_000).to_bytes(4, "big")))
    assert matroska_seconds(_matroska(scale, _block(1000))) == 0.1


def test_a_block_of_a_group_counts() -> None:
    group = _element("a0", _element("a1", b"\x81\x03\xe8\x80"))
    assert matroska_seconds(_matroska(group)) == 1


@pytest.mark.parametrize("duration", [b"\x7f\xf8\x00\x00\x00\x00\x00\x00", b"", b"\x01"])
def test_a_duration_that_is_none_is_passed_over(duration: bytes) -> None:
    wrong = _element("1549a966", _element("4489", duration))
    assert matroska_seconds(_matroska(wrong, _block(1000))) == 1


def test_a_file_without_a_block_holds_no_sound() -> None:
    assert matroska_seconds(_matroska(_element("4489", b"\x44\x00\x00\x00"))) is None


def test_an_empty_block_is_no_trouble() -> None:
    assert matroska_seconds(_matroska(_element("a3", b""))) == 0


@pytest.mark.parametrize(
    "tail", [b"\x00", b"\x00\x80", b"\xa3", b"\xa3\x00", b"\xa3\x8f\x81", b"\x1f\x43"]
)
def test_what_is_cut_off_ends_the_reading(tail: bytes) -> None:
    assert matroska_seconds(_matroska(_block(1000)) + tail) == 1
