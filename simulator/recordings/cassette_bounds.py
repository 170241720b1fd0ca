"""Bounds of a cassette: the bytes, nodes, levels and bodies that one file may have.

A file of a few hundred bytes can stand for billions of nodes (aliases of YAML) or gigabytes (gzip).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from simulator.recordings.bodies import is_text

MOST_BYTES = 100 * 2**20
MOST_NODES = 1_000_000
MOST_LEVELS = 200
MOST_EVENTS = 1_000_000
# An embeddings answer of 2,048 vectors with 1,536 numbers each has 3.2 million.
MOST_VALUES = 4_000_000
# libyaml compares each directive with all before it, so that 100 MB of them take hours.
MOST_DIRECTIVES = 100
MOST_MERGES = 1_000
# In UTF-8, and the bytes that both forms of UTF-16 share.
_DIRECTIVES = (b"%TAG", b"%\0T\0A\0G")

# Written as six bytes each, five more than they are.
_CONTROLS = bytes(code for code in range(32) if code not in b"\b\t\n\f\r")
_LONGER = 5


class RefusedError(Exception):
    """A file beyond a bound; the text says which one."""

    def __init__(self, excess: str) -> None:
        super().__init__(f"refused: {excess}")


def read(path: Path) -> bytes:
    """The bytes of the file; `RefusedError` if there are too many, or if it may have no end."""
    if path.is_fifo() or path.is_char_device() or path.is_block_device() or path.is_socket():
        raise RefusedError("it is no file, but a pipe or a device")
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise RefusedError(f"it is larger than {MOST_BYTES >> 20} MB, split it")
    return data


def check_directives(data: bytes) -> None:
    """Refuse YAML with too many directives."""
    if sum(data.count(directive) for directive in _DIRECTIVES) > MOST_DIRECTIVES:
        raise RefusedError(f"it has more than {MOST_DIRECTIVES} %TAG directives")


@dataclass(frozen=True, slots=True)
class _Extent:
    """The size of a node with all that its aliases stand for."""

    nodes: int
    characters: int
    levels: int


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come, and the totals at its beginning."""

    anchor: str | None
    nodes: int
    characters: int
    deepest: int


def check_events(events: Iterable[yaml.Event]) -> None:
    """Refuse a document that would be too large or too deep; it is not built for that."""
    size = _Size()
    for event in events:
        size.add(event)


class _Size:
    """Adds up a document's events; an alias counts as much as the node that it stands for."""

    def __init__(self) -> None:
        self._nodes = self._characters = self._merges = 0
        self._open: list[_Open] = []
        self._anchors: dict[str, _Extent | None] = {}  # None until a node has ended

    def add(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                extent = _Extent(1, len(event.value), 0)
                self._count(extent)
                self._merges += event.value == "<<"
                if event.anchor is not None:
                    self._anchors[event.anchor] = extent
            case yaml.AliasEvent():
                self._count(self._meant(event.anchor))
            case yaml.CollectionStartEvent():
                self._begin(event.anchor)
            case yaml.CollectionEndEvent():
                self._end()
            case _:
                pass

    def _begin(self, anchor: str | None) -> None:
        depth = len(self._open) + 1
        self._open.append(_Open(anchor, self._nodes, self._characters, depth))
        self._count(_Extent(1, 0, 0))
        if anchor is not None:
            self._anchors[anchor] = None

    def _end(self) -> None:
        done = self._open.pop()
        levels = done.deepest - len(self._open)
        self._deepen(done.deepest)
        nodes, characters = self._nodes - done.nodes, self._characters - done.characters
        if done.anchor is not None:
            self._anchors[done.anchor] = _Extent(nodes, characters, levels)

    def _count(self, extent: _Extent) -> None:
        self._nodes += extent.nodes
        self._characters += extent.characters
        self._deepen(len(self._open) + extent.levels)
        if self._nodes > MOST_NODES:
            raise RefusedError(f"it has more than {MOST_NODES:,} nodes, its aliases expanded")
        if self._merges > MOST_MERGES:
            raise RefusedError(f"it has more than {MOST_MERGES:,} merge keys")
        if self._characters > MOST_BYTES:
            raise RefusedError(f"its aliases stand for more than {MOST_BYTES >> 20} MB of text")

    def _deepen(self, depth: int) -> None:
        if depth > MOST_LEVELS:
            raise RefusedError(f"it is nested more than {MOST_LEVELS} levels deep")
        if self._open:
            self._open[-1].deepest = max(self._open[-1].deepest, depth)

    def _meant(self, anchor: str | None) -> _Extent:
        # The loader itself reports an alias of an unknown anchor.
        extent = self._anchors.get(anchor or "", _Extent(1, 0, 0))
        if extent is None:
            raise RefusedError("an alias stands for the node that it is in")
        return extent


class Allowance:
    """The bytes and events that the bodies of one file may still take."""

    def __init__(self) -> None:
        self._bytes, self._events = MOST_BYTES, MOST_EVENTS

    def take(self, count: int) -> None:
        """Count the bytes of a body, or of a piece of one as it is decompressed."""
        self._bytes -= count
        if self._bytes < 0:
            excess = f"its bodies take more than {MOST_BYTES >> 20} MB, decompressed"
            raise RefusedError(excess)

    def take_events(self, count: int) -> None:
        """Count events of a stream."""
        self._events -= count
        if self._events < 0:
            raise RefusedError(f"its streams have more than {MOST_EVENTS:,} events")

    def check(self, body: bytes) -> None:
        """Refuse a whole body that would take far more room than its bytes.

        A JSON value takes more in memory, and a control character of a text six bytes in a recording.
        """
        if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_VALUES:
            raise RefusedError(f"a body has more than {MOST_VALUES:,} JSON values")
        controls = len(body) - len(body.translate(None, _CONTROLS))
        if controls and is_text(body):
            self.take(_LONGER * controls)
