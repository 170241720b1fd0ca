"""Content encodings of bodies, undone piece by piece: a few bytes may stand for gigabytes."""

import zlib
from collections.abc import Iterator, Mapping

from simulator.recordings.cassette_bounds import RefusedError

_PIECE = 2**16
_MOST_MEMBERS = 1_000
# The windows of zlib: 16 more than the largest one for a gzip header.
_GZIP, _ZLIB = 31, 15
_WINDOWS: Mapping[str, int] = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}


def is_known(encoding: str) -> bool:
    return encoding in _WINDOWS


def decoded(encoding: str, body: bytes) -> Iterator[bytes]:
    """The pieces of a body in a known encoding; `zlib.error` if it is damaged or ends early.

    Raises `RefusedError` for a body of too many members, each of which takes longer than its bytes.
    """
    window, members = _WINDOWS[encoding], 1
    stream = zlib.decompressobj(window)
    for start in range(0, len(body), _PIECE):
        rest = body[start : start + _PIECE]
        while rest := _next(rest, window) if stream.eof else rest:
            if stream.eof:
                stream, members = zlib.decompressobj(window), members + 1
                _check(members)
            yield stream.decompress(rest, _PIECE)
            rest = stream.unused_data if stream.eof else stream.unconsumed_tail
    yield stream.flush()
    if not stream.eof:
        raise zlib.error("the body ends early")


def _next(rest: bytes, window: int) -> bytes:
    """The bytes from the next member on, without padding; zlib's own format has no second one."""
    return rest.lstrip(b"\0") if window == _GZIP else b""


def _check(members: int) -> None:
    if members > _MOST_MEMBERS:
        raise RefusedError(f"a body has more than {_MOST_MEMBERS:,} members of gzip")
