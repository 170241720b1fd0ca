"""The layouts of JSON that the model's side writes."""

import json
import re
from collections.abc import Iterable, Mapping

import msgspec

_BEYOND_ASCII = re.compile("[^\x00-\x7e]+")


def indented(body: object) -> bytes:
    """Return JSON as Responses and the model's errors have it: indented by two, ASCII only, without a
    line end (recorded 2025-08 to 2026-08)."""
    data = msgspec.json.format(msgspec.json.encode(body), indent=2)
    plain = data.isascii() and b"\x7f" not in data
    return data if plain else escaped(data.decode()).encode()


def with_many(
    before: Mapping[str, object], name: str, items: Iterable[object], after: Mapping[str, object]
) -> bytes:
    """Return JSON, indented by two, of an object with some members before and after a list of items.
    Each item is written by itself, so that millions of numbers in all hold up no other thread."""
    start, end = (_members(members) for members in (before, after))
    around = _written({name: [None]}).removeprefix(b"{\n").removesuffix(b"\n}")
    opening, _, closing = around.partition(b"    null")
    cut = slice(2 + len(opening), -2 - len(closing))
    pieces = b",\n".join(_written({name: [item]})[cut] for item in items)
    return b"{\n" + start + b",\n" + opening + pieces + closing + b",\n" + end + b"\n}"


def _members(members: Mapping[str, object]) -> bytes:
    return _written(members).removeprefix(b"{\n").removesuffix(b"\n}")


def _written(body: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(body), indent=2)


def laid_out_like(data: bytes, body: object) -> bytes:
    """Return the JSON of a changed body in the layout of the one that it was."""
    if data.startswith(b"{\n"):
        return indented(body)
    encoded = msgspec.json.encode(body)
    if b'": ' in data[:64]:  # Responses until 2026-07 have a blank after each comma and colon.
        encoded = msgspec.json.format(encoded, indent=0)
    if b"<" not in data and b">" not in data:
        encoded = without_angles(encoded)
    return encoded + b"\n" if data.endswith(b"\n") else encoded


def without_angles(data: bytes) -> bytes:
    """Return JSON with `<` and `>` in their escaped form, as chat has them (recorded 2026-02)."""
    return data.replace(b"<", b"\\u003c").replace(b">", b"\\u003e")


def escaped(text: str) -> str:
    """Return JSON with every character beyond ASCII in its escaped form."""
    return _BEYOND_ASCII.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
