"""Which of many texts stand in another one."""

import functools
from collections import Counter, defaultdict
from collections.abc import Iterator

_SIZE = 4
# Characters of a text for each needle, from which on its parts take longer (measured).
_LONG = 4


class Needles:
    """Texts to search for, each with a position.

    A long list is not searched for one by one: each needle has its rarest part of four characters, and
    only those whose part stands in the text are searched for.
    """

    def __init__(self) -> None:
        self._needles: list[tuple[str, int]] = []

    def add(self, needle: str, position: int) -> None:
        self._needles.append((needle, position))

    def __bool__(self) -> bool:
        return bool(self._needles)

    def found_in(self, text: str) -> Iterator[int]:
        """The positions of those that stand in the text, in any order."""
        if len(text) > _LONG * len(self._needles):  # One by one is sooner done.
            return (position for needle, position in self._needles if needle in text)
        return self._found_by_part(text)

    def _found_by_part(self, text: str) -> Iterator[int]:
        short, by_part = self._index
        for needle, position in short:
            if needle in text:
                yield position
        for part in by_part.keys() & _parts(text):
            for needle, position in by_part[part]:
                if needle in text:
                    yield position

    @functools.cached_property
    def _index(self) -> tuple[list[tuple[str, int]], dict[str, list[tuple[str, int]]]]:
        """Return the needles too short to have parts, and the others by their part that fewest share."""
        frequencies = Counter(part for needle, _ in self._needles for part in _parts(needle))
        short: list[tuple[str, int]] = []
        by_part: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for needle, position in self._needles:
            parts = _parts(needle)
            if parts:
                rarest = min(parts, key=lambda part: (frequencies[part], part))
                by_part[rarest].append((needle, position))
            else:
                short.append((needle, position))
        return short, by_part


def _parts(text: str) -> set[str]:
    return {text[start : start + _SIZE] for start in range(len(text) - _SIZE + 1)}
