"""The headers of answers as the lines that they are sent in, each encoded once if it comes again."""

import re
import urllib.parse
from collections.abc import Iterable, Mapping

from simulator.caching import LONGEST_KEY

_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
# Their values are others with each answer.
_ONCE = frozenset(
    (
        "apim-request-id",
        "x-request-id",
        "x-ms-client-request-id",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-remaining-tokens",
    )
)
_MOST_LINES = 1024
# RFC 9110, 5.6.2.
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,127}")
_OF_THE_CONNECTION = frozenset({"connection", "transfer-encoding"})


def lines_of(headers: Mapping[str, str]) -> list[bytes]:
    """Return `name: value` and a line end for each header.

    A value that no header can hold (a deployment's name may be anything) is percent-encoded.
    """
    lines = _lines
    return [lines[header] for header in headers.items()]


def pairs_of(lines: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    """Return the names and values of lines, as ASGI has them."""
    pairs = (line[:-2].partition(b": ") for line in lines)
    return [(name, value) for name, _, value in pairs]


def are_plain(lines: Iterable[bytes]) -> bool:
    """Return whether the headers go as they are, and none says anything of the connection."""
    return _UnusualLine not in map(type, lines)


class _UnusualLine(bytes):
    """The line of a header that servers look at themselves, or refuse."""


class _Lines(dict[tuple[str, str], bytes]):
    """The lines by name and value. A look-up in a dict is all that a header costs that comes again."""

    def __missing__(self, header: tuple[str, str]) -> bytes:
        name, value = header
        if name in _ONCE and value.isascii() and value.isprintable():
            return f"{name}: {value}\r\n".encode()
        if not (value.isascii() and value.isprintable()):
            value = urllib.parse.quote(value, _PRINTABLE)
        line = f"{name}: {value}\r\n".encode()
        if name in _ONCE:
            return line
        if not _NAME.fullmatch(name) or name.lower() in _OF_THE_CONNECTION:
            line = _UnusualLine(line)
        if len(value) <= LONGEST_KEY:
            if len(self) >= _MOST_LINES:
                self.clear()
            self[header] = line
        return line


_lines = _Lines()
