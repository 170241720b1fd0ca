"""The layout of JSON that the model's side writes: indented by two, ASCII only, no line end."""

import json
import re

import msgspec

_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")


def indented(body: object) -> bytes:
    """Return the JSON of a value as Responses and the model's errors have it (recorded 2025-08 to
    2026-08)."""
    data = msgspec.json.format(msgspec.json.encode(body), indent=2)
    return data if data.isascii() else escaped(data.decode()).encode()


def escaped(text: str) -> str:
    """Return JSON with every character beyond ASCII in its escaped form."""
    return _BEYOND_ASCII.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
