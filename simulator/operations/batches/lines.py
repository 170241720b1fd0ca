"""The lines of a batch's input file."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

CHAT, RESPONSES = "chat/completions", "responses"
URLS = {
    "/v1/chat/completions": CHAT,
    "/chat/completions": CHAT,
    "/v1/responses": RESPONSES,
    "/responses": RESPONSES,
}
"""The addresses that a line may have, and the operation of each."""


class Line(Struct):
    """One request; its `body` is JSON as the file has it."""

    custom_id: str
    method: str
    url: str
    body: Raw


class Place(NamedTuple):
    """A line's number from 1, its bytes, and the offset in the file from which the next one begins."""

    number: int
    data: bytes
    end: int


class _Body(Struct):
    model: str
    stream: object = None


LINE = msgspec.json.Decoder(Line)
_RAW = msgspec.json.Decoder(Raw)
BODY = msgspec.json.Decoder(_Body)


def json_value(data: bytes) -> Raw | None:
    """Return one value of JSON without what is around it; None if it is not one."""
    try:
        return _RAW.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return None


def is_json(data: bytes) -> bool:
    """Return True for one value of JSON."""
    return json_value(data) is not None


def places(data: bytes, *, start: int = 0, number: int = 0) -> Iterator[Place]:
    """Yield the lines that are not blank from an offset on, which comes after line `number`."""
    size = len(data)
    while start < size:
        found = data.find(b"\n", start)
        end = size if found < 0 else found + 1
        number += 1
        line = data[start:end]
        if not line.isspace():
            yield Place(number, line, end)
        start = end
