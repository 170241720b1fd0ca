"""Transcripts as subtitles: SRT and WebVTT."""

from simulator.operations.audio.transcript import Transcript


def srt(transcript: Transcript) -> str:
    """The blocks, and one more line at the end (recorded 2024-12)."""
    blocks = "".join(
        f"{number}\n{_moment(segment.start, ',')} --> {_moment(segment.end, ',')}\n{segment.text}\n\n"
        for number, segment in enumerate(transcript.segments, 1)
    )
    return f"{blocks}\n"


def vtt(transcript: Transcript) -> str:
    return "WEBVTT\n\n" + "".join(
        f"{_moment(segment.start, '.')} --> {_moment(segment.end, '.')}\n{segment.text}\n\n"
        for segment in transcript.segments
    )


def _moment(seconds: float, separator: str) -> str:
    """Hours, minutes, seconds and milliseconds, all of them always there."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{separator}{rest % 1000:03}"
