"""A search for the ones of many texts that may stand in another one."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

# Characters of each text that are searched for, and of all of them together: a character takes about
# 50 bytes (measured).
_LONGEST = 16
_SHORTEST = 4
_MOST = 1_000_000
# The number of texts that are as soon searched for one by one, and the length of those that would be
# found too often to count.
_FEW = 16
_COMMON = 2
# Texts of one automaton, which takes 0.1 seconds (measured).
_AT_ONCE = 8_000


class _Automaton(Protocol):
    """The part of `ahocorasick.Automaton`, which has no types, that is used here."""

    def add_word(self, key: str, value: int) -> bool: ...

    def make_automaton(self) -> None: ...

    def iter(self, string: str) -> Iterator[tuple[int, int]]: ...


_Ends = tuple[_Automaton, Sequence[Sequence[int]]]
"""Ends to search for, each with a number, and for each number the positions of its texts."""


class Needles:
    """Texts to search for, each with a position.

    Few are searched for one by one. Of many the end of each is searched for, and all of them at once,
    so that the time depends on the text that is searched and hardly on their number.
    """

    def __init__(self) -> None:
        self._needles: list[tuple[str, int]] = []

    def add(self, needle: str, position: int) -> None:
        self._needles.append((needle, position))

    def __bool__(self) -> bool:
        return bool(self._needles)

    def candidates_in(self, text: str) -> Iterable[int]:
        """Return the positions of those that may stand in the text, among them of all that do; in any
        order, and more than once."""
        single, automata = self.index
        for needle, positions in single.items():
            if needle in text:
                yield from positions
        # An end may stand in very many places, and be that of very many texts.
        for automaton, ends in automata:
            for end in {end for _, end in automaton.iter(text)}:
                yield from ends[end]

    @functools.cached_property
    def index(self) -> tuple[Mapping[str, Sequence[int]], Sequence[_Ends]]:
        """Return what is searched for one by one, and the ends of all others; made once."""
        length = _LONGEST if len(self._needles) * _LONGEST <= _MOST else _SHORTEST
        single: defaultdict[str, list[int]] = defaultdict(list)
        by_end: defaultdict[str, list[int]] = defaultdict(list)
        few = len(self._needles) <= _FEW
        for needle, position in self._needles:
            if few or len(needle) <= _COMMON:
                single[needle].append(position)
            else:
                by_end[needle[-length:]].append(position)
        return single, _automata_of(by_end)


def _automata_of(ends: Mapping[str, Sequence[int]]) -> Sequence[_Ends]:
    """Return several automata rather than one that takes long: no other thread runs while it is made."""
    left = iter(ends.items())
    automata: list[_Ends] = []
    while some := list(itertools.islice(left, _AT_ONCE)):
        automata.append(_automaton_of(some))
    return automata


def _automaton_of(ends: Iterable[tuple[str, Sequence[int]]]) -> _Ends:
    import ahocorasick  # pyright: ignore[reportMissingImports]  # an extension without types

    automaton = cast("_Automaton", cast("Any", ahocorasick).Automaton())
    all_positions: list[Sequence[int]] = []
    for number, (end, positions) in enumerate(ends):
        automaton.add_word(end, number)
        all_positions.append(positions)
    automaton.make_automaton()
    return automaton, all_positions
