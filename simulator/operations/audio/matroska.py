"""The playing time of Matroska and WebM files, which no small library reads from a live recording.

A browser's MediaRecorder writes WebM whose header says no duration and whose clusters say no
length, so the playing time is the time stamp of the last block.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

MAGIC = b"\x1a\x45\xdf\xa3"

_SEGMENT, _INFO, _CLUSTER, _BLOCK_GROUP = 0x18538067, 0x1549A966, 0x1F43B675, 0xA0
_SCALE, _DURATION, _CLUSTER_TIME = 0x2AD7B1, 0x4489, 0xE7
_SIMPLE_BLOCK, _BLOCK = 0xA3, 0xA1
# Entered rather than skipped: what follows their head is what they hold.
_ENTERED = frozenset({_SEGMENT, _INFO, _CLUSTER, _BLOCK_GROUP})
_NANOSECONDS_PER_TICK = 1_000_000
# Twice the blocks of a recording of 25 MB, which is looked through in about a second.
_MAX_ELEMENTS = 500_000


@dataclass(frozen=True, slots=True)
class _Element:
    id: int
    content: memoryview


def matroska_seconds(data: bytes) -> float | None:
    """The playing time in seconds; None if the file holds no sound or is none."""
    scale, declared, cluster, last = _NANOSECONDS_PER_TICK, 0.0, 0, -1
    for element in islice(_elements(memoryview(data)), _MAX_ELEMENTS):
        if element.id == _SCALE:
            scale = _integer(element.content)
        elif element.id == _DURATION:
            declared = _real(element.content)
        elif element.id == _CLUSTER_TIME:
            cluster = _integer(element.content)
        elif element.id in (_SIMPLE_BLOCK, _BLOCK):
            last = max(last, cluster + _relative_time(element.content))
    if last < 0:
        return None
    return (declared if declared > 0 else float(last)) * scale / 1e9


def _elements(data: memoryview) -> Iterator[_Element]:
    """All elements in their order, those inside others too, up to the first that is cut off."""
    at = 0
    while at < len(data):
        id_length = _width(data[at])
        size_at = at + id_length
        if id_length > 4 or size_at >= len(data):
            return
        element = int.from_bytes(data[at:size_at], "big")
        size_length = _width(data[size_at])
        start = size_at + size_length
        if size_length > 8 or start > len(data):
            return
        if element in _ENTERED:
            at = start
            continue
        mask = (1 << (7 * size_length)) - 1
        end = start + (int.from_bytes(data[size_at:start], "big") & mask)
        if end > len(data):
            return
        yield _Element(element, data[start:end])
        at = end


def _width(first: int) -> int:
    """The length of a number by its first byte: one more than its leading zero bits."""
    return 9 - first.bit_length()


def _integer(content: memoryview) -> int:
    return int.from_bytes(content[:8], "big")


def _real(content: memoryview) -> float:
    form = {4: ">f", 8: ">d"}.get(len(content))
    value: float = struct.unpack(form, content)[0] if form else 0.0
    return value if math.isfinite(value) else 0.0


def _relative_time(block: memoryview) -> int:
    """A block is the number of its track, two bytes of time relative to its cluster, and so on."""
    if not len(block):
        return 0
    at = _width(block[0])
    return int.from_bytes(block[at : at + 2], "big", signed=True)
