"""The line of one request, as JSON for programs and as text for people."""

import datetime

import msgspec

_encode = msgspec.json.Encoder().encode
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_GREEN, _YELLOW, _RED = "\x1b[32m", "\x1b[33m", "\x1b[31m"


class RequestLine(msgspec.Struct, omit_defaults=True):
    time: datetime.datetime
    operation: str
    deployment: str = ""
    model: str = ""
    path: str = ""
    status: int = 0
    error: str | None = None
    reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = -1.0
    first_token_seconds: float | None = None
    recording: str | None = None
    cut: bool = False
    request_id: str = ""
    key: str = ""
    resource: str = ""


def json_line(line: RequestLine) -> str:
    return _encode(line).decode()


def text_line(line: RequestLine) -> str:
    return f"{line.time:%H:%M:%S} {_printable(line)} {line.status} {_course(line)}"


def coloured_line(line: RequestLine) -> str:
    colour = _GREEN if line.status < 400 else _YELLOW if line.status < 500 else _RED
    time = f"{_DIM}{line.time:%H:%M:%S}{_PLAIN}"
    return f"{time} {_printable(line)} {colour}{line.status}{_PLAIN} {_course(line)}"


def _printable(line: RequestLine) -> str:
    """Return operation and deployment or path."""
    name = line.deployment or line.path
    place = f"{line.resource}: " if line.resource else ""
    if not name:
        return f"{place}{line.operation}"
    return f"{place}{line.operation} {_harmless(name)}"


def _harmless(text: str) -> str:
    """Return the text with the characters escaped that could steer a terminal."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def _course(line: RequestLine) -> str:
    parts = [line.error] if line.error else []
    if line.prompt_tokens is not None:
        parts.append(f"{line.prompt_tokens}+{line.completion_tokens or 0} tokens")
    parts.append(f"{line.seconds:.3f} s")
    text = " ".join(parts)
    if line.first_token_seconds is not None:
        text += f", first token {line.first_token_seconds:.3f} s"
    if line.recording:
        text += f", recording {line.recording}"
    if line.cut:
        text += ", cut off"
    return f"{text}: {_harmless(line.reason)}" if line.reason else text
