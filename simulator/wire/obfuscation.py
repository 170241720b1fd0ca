"""The padding that hides the length of a stream's tokens from who can see only encrypted sizes."""

import itertools
import random
from collections.abc import Sequence

from simulator.wire import ids

# Measured on 98 chunks of 4 recorded streams (2026-03 and 2026-06) and 6 usage chunks (2026-01 to
# 2026-08): without its content filter member, each chunk's JSON is 1 more than a multiple of 16
# characters; the shortest padding seen is 4.
_MULTIPLE = 16
_SHORTEST = 4
_REMAINDER = 1
# Where in the random text the paddings of a stream begin, in turn.
_PLACES = tuple(13 * turn % (3 * _MULTIPLE) for turn in range(3 * _MULTIPLE))


class Padding:
    """Draws the padding of one stream's chunks: slices of one random text."""

    def __init__(self, rng: random.Random) -> None:
        self._text = ids.alphanumeric(5 * _MULTIPLE, rng)
        self._at = 0

    def of(self, length: int) -> str:
        """The padding that brings a chunk of `length` characters, its own quotes counted in, to the
        rule.
        """
        needed = _SHORTEST + (_REMAINDER - length - _SHORTEST) % _MULTIPLE
        self._at = (self._at + 13) % (3 * _MULTIPLE)
        return self._text[self._at : self._at + needed]

    def of_all(self, length: int, pieces: Sequence[str]) -> list[str]:
        """The padding of each chunk, which is a piece longer than `length`."""
        text, shortened = self._text, _REMAINDER - length - _SHORTEST
        return [
            text[at : at + _SHORTEST + (shortened - len(piece)) % _MULTIPLE]
            for piece, at in zip(pieces, itertools.cycle(_PLACES), strict=False)
        ]

    def beside(self, length: int) -> str:
        """The padding that brings a delta of `length` characters, as it stands in JSON, to a multiple
        of 16 (recorded on the Responses API, 2025-12 to 2026-08: 842 deltas, no exception).
        """
        self._at = (self._at + 13) % (3 * _MULTIPLE)
        return self._text[self._at : self._at + _MULTIPLE - length % _MULTIPLE]
