"""The headers of answers as the lines that they are sent in, each encoded once if it comes again."""

import functools
import re
import urllib.parse
from collections.abc import Iterable, Mapping

from simulator.caching import LONGEST_KEY
from simulator.headers import ONCE, Headers, SharedHeaders

_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
_MOST_LINES = 1024
# RFC 9110, 5.6.2.
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,127}")
_OF_THE_CONNECTION = frozenset({"connection", "transfer-encoding"})


def lines_of(headers: Mapping[str, str]) -> list[bytes]:
    """Return `name: value` and a line end for each header, or for several in one piece.

    A value that no header can hold (a deployment's name may be anything) is percent-encoded.
    """
    if type(headers) is Headers:
        if headers.own.keys().isdisjoint(headers.shared.values.keys()):
            return [_shared(headers.shared), *_own(headers.own)]
        headers = headers.whole()
    lines = _lines
    return [lines[header] for header in headers.items()]


@functools.lru_cache(maxsize=_MOST_LINES)
def _shared(headers: SharedHeaders) -> bytes:
    """The lines of headers that many answers have."""
    lines = [_lines[header] for header in headers.values.items()]
    together = b"".join(lines)
    return together if are_plain(lines) else _UnusualLine(together)


def _own(headers: Mapping[str, str]) -> list[bytes]:
    """The lines of headers that are mostly others with each answer."""
    if headers.keys() <= ONCE:
        values = "".join(headers.values())
        if values.isascii() and values.isprintable():
            lines = "\r\n".join(map(": ".join, headers.items()))
            return [f"{lines}\r\n".encode()]
    lines = _lines
    return [lines[header] for header in headers.items()]


def pairs_of(lines: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    """Return the names and values of lines, as ASGI has them."""
    pairs = (line.partition(b": ") for line in b"".join(lines).split(b"\r\n")[:-1])
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
        if not (value.isascii() and value.isprintable()):
            value = urllib.parse.quote(value, _PRINTABLE)
        line = f"{name}: {value}\r\n".encode()
        if name in ONCE:
            return line
        if not _NAME.fullmatch(name) or name.lower() in _OF_THE_CONNECTION:
            line = _UnusualLine(line)
        if len(value) <= LONGEST_KEY:
            if len(self) >= _MOST_LINES:
                self.clear()
            self[header] = line
        return line


_lines = _Lines()
