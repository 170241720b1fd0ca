"""The padding that hides the length of a stream's tokens from who can see only encrypted sizes."""

import functools
import itertools
import operator
import random
from collections.abc import Sequence

from simulator.wire import ids

# Measured on 98 chunks of 4 recorded streams (2026-03 and 2026-06) and 6 usage chunks (2026-01 to
# 2026-08): without its content filter member, each chunk's JSON is 1 more than a multiple of 16
# characters; the shortest padding seen is 4.
_MULTIPLE = 16
_SHORTEST = 4
_REMAINDER = 1
_LONGEST = _SHORTEST + _MULTIPLE - 1
# All paddings are slices of one text: they keep no secret, so that it may be the same everywhere.
_PLACES = 97
_APART = 13
_TEXT = ids.alphanumeric(_PLACES * _APART + _LONGEST, random.Random(1))
# Characters of a piece that is longer than nearly all tokens.
_LONG = 4 * _MULTIPLE
# Between the places of the paddings of two sizes.
_STRIDE = 7


class Padding:
    """Gives the padding of one stream's chunks: slices of a text, from a random place on."""

    def __init__(self, rng: random.Random) -> None:
        self._place = int(rng.random() * _PLACES)

    def of(self, length: int) -> str:
        """The padding that brings a chunk of `length` characters, its own quotes counted in, to the
        rule.
        """
        return self._next(_SHORTEST + _free(length))

    def of_all(self, length: int, pieces: Sequence[str]) -> list[str]:
        """The padding of each chunk, which is a piece longer than `length`."""
        rows, place = _rows(_free(length)), self._place
        turns = itertools.cycle(rows[place:] + rows[:place])
        try:
            return list(map(operator.getitem, turns, map(len, pieces)))
        except IndexError:
            sizes = [len(piece) % _MULTIPLE for piece in pieces]
            return list(map(operator.getitem, turns, sizes))

    def by_size(self, length: int) -> Sequence[str]:
        """A padding for each size of a piece, modulo 16, that is in a chunk of `length` without it: all
        that a stream needs which leaves in one go.
        """
        return _by_size(_free(length), self._place)

    def beside(self, length: int) -> str:
        """The padding that brings a delta of `length` characters, as it stands in JSON, to a multiple
        of 16 (recorded on the Responses API, 2025-12 to 2026-08: 842 deltas, no exception).
        """
        return self._next(_MULTIPLE - length % _MULTIPLE)

    def _next(self, size: int) -> str:
        self._place = (self._place + 1) % _PLACES
        at = self._place * _APART
        return _TEXT[at : at + size]


def _free(length: int) -> int:
    """The characters that a chunk of `length` and the shortest padding is short of the rule."""
    return (_REMAINDER - length - _SHORTEST) % _MULTIPLE


@functools.cache
def _rows(free: int) -> list[list[str]]:
    """Rows of paddings, in each of them one for every size of a piece below `_LONG`; `free` is what an
    empty piece leaves."""
    lengths = [_SHORTEST + (free - size) % _MULTIPLE for size in range(_LONG)]
    starts = range(0, _PLACES * _APART, _APART)
    return [[_TEXT[at : at + length] for length in lengths] for at in starts]


@functools.lru_cache(_MULTIPLE * _PLACES)
def _by_size(free: int, place: int) -> Sequence[str]:
    starts = [(place + size * _STRIDE) % _PLACES * _APART for size in range(_MULTIPLE)]
    lengths = [_SHORTEST + (free - size) % _MULTIPLE for size in range(_MULTIPLE)]
    return [_TEXT[at : at + length] for at, length in zip(starts, lengths, strict=True)]
