"""The parts of an image's file, which libraries look at one by one, in Python."""

MOST_PARTS = 20_000
"""A PNG of 50 MB has some 6,000 chunks."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8"
_SCAN = 0xDA
# They stand alone: no length follows.
_BARE = frozenset((0x00, 0x01, *range(0xD0, 0xDA)))


def has_too_many_parts(data: bytes) -> bool:
    """Return True for a file with more parts than any camera or program writes, or with junk between
    those of a JPEG, which libraries pass over byte by byte."""
    if data.startswith(_PNG):
        return _has_too_many_chunks(data)
    return data.startswith(_JPEG) and _has_too_many_segments(data)


def _has_too_many_chunks(data: bytes) -> bool:
    at = len(_PNG)
    for _ in range(MOST_PARTS):
        if at >= len(data):
            return False
        at += 12 + int.from_bytes(data[at : at + 4])
    return True


def _has_too_many_segments(data: bytes) -> bool:
    """Count up to the pixels; a byte that fills a gap counts as well."""
    at = len(_JPEG)
    for _ in range(MOST_PARTS):
        if at + 1 >= len(data) or data[at + 1] == _SCAN:
            return False
        if data[at] != 0xFF:
            return True
        at += _length(data, at)
    return True


def _length(data: bytes, at: int) -> int:
    marker = data[at + 1]
    if marker == 0xFF:
        return 1
    if marker in _BARE:
        return 2
    return 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
