"""The lines of a batch's input file."""

import re
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


# No longer at a time than other threads may wait.
_BLANKS = re.compile(rb"\s{1,65536}+")

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
    while True:
        blank = _end_of_blanks(data, start)
        if blank == size:
            return
        # Blanks within the line belong to it.
        begin = data.rfind(b"\n", start, blank) + 1 or start
        number += data.count(b"\n", start, begin) + 1
        found = data.find(b"\n", blank)
        start = size if found < 0 else found + 1
        yield Place(number, data[begin:start], start)


def _end_of_blanks(data: bytes, at: int) -> int:
    """Return the offset of the first character from an offset on that is not blank. A file may be
    nothing but empty lines, and taking each by itself would be a minute's work."""
    while found := _BLANKS.match(data, at):
        at = found.end()
    return at
