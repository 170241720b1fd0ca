"""Embedding vectors that follow the words of a text: equal for equal texts, close for similar ones.

Each word becomes signs drawn from SHAKE-256, so a vector is the same on every machine and in every
process, and a shorter vector is the beginning of the longer one. What the model would know of
meaning is missing: words count as similar only if they share letters.
"""

import base64
import functools
import hashlib
import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

# Sixteen, so that the signs of one word, each counted once per feature, fit eight bits.
_WORD = re.compile(r"\w{1,16}")
_SYMBOLS = re.compile(r"\S{1,16}")
_ENDING = re.compile(r"(?<=\w{3})(?:ing|edly|ed|ies|es|s|ly|er|e|y)$")
_COMMON = (
    "a about after all also an and any are as at be been but by can could did do does for from had "
    "has have he her him his how i if in into is it its just me my no not of on or our out she should "
    "so some than that the their them then there these they this to up us was we were what when "
    "where which who why will with would you your"
)
_STOP_WORDS = frozenset(_COMMON.split())
# Whole numbers, because sums of them are exact in whatever order a processor adds.
_WORD_WEIGHT = 16
_STOP_WEIGHT = 2
# A row of signs at 3,072 dimensions has as many bytes: 6 MB at the most.
_REMEMBERED_WORDS = 2048
_AT_ONCE = 512


class Vectors:
    """Makes embedding vectors. One instance may be used from several threads."""

    def __init__(self) -> None:
        self._signs = functools.lru_cache(_REMEMBERED_WORDS)(_signs)

    def embed(self, text: str, size: int) -> "Vector":
        """A vector of `size` 32-bit floats (1 or more) and of length 1; an empty text has one too.

        For one text, a vector of a smaller size is the beginning of the larger one, scaled to
        length 1, as in Microsoft's documentation of `dimensions`.
        """
        # Imported here so that an app that makes no embeddings never waits for it.
        import numpy as np

        words = text.lower()
        found = _WORD.findall(words) or _SYMBOLS.findall(words) or [""]
        counts = list(Counter(found).items())
        total = np.zeros(size, np.float32)
        for start in range(0, len(counts), _AT_ONCE):
            part = counts[start : start + _AT_ONCE]
            weights = np.array([_weight(word, times) for word, times in part], np.float32)
            rows = np.array([self._signs(word, size) for word, _ in part])
            total += weights @ rows.astype(np.float32)
        exact = total.astype(np.float64)
        length = math.sqrt(float(exact @ exact))
        # Signs can cancel out when the size is tiny.
        unit = exact / length if length else np.eye(1, size)[0]
        return unit.astype(np.float32)


def vector_of(numbers: Sequence[float]) -> "Vector":
    import numpy as np

    return np.array(numbers, np.float32)


def encode_base64(vector: "Vector") -> str:
    """The vector as `encoding_format` base64 has it: little-endian 32-bit floats."""
    return base64.b64encode(vector.astype("<f4", copy=False).tobytes()).decode("ascii")


def to_floats(vector: "Vector") -> list[float]:
    """The vector as JSON numbers."""
    return vector.tolist()


def _weight(word: str, times: int) -> int:
    return round(math.sqrt(times) * (_STOP_WEIGHT if word in _STOP_WORDS else _WORD_WEIGHT))


def _features(word: str) -> list[str]:
    """The word, its stem twice, and the three-letter groups of the stem."""
    stem = _ENDING.sub("", word)
    marked = f"<{stem}>"
    groups = [marked[start : start + 3] for start in range(len(marked) - 2)]
    return [f"word {word}", f"stem {stem}", f"stem {stem}", *groups]


def _signs(word: str, size: int) -> "NDArray[np.int8]":
    import numpy as np

    features = _features(word)
    length = (size + 7) // 8
    drawn = b"".join(
        hashlib.shake_256(feature.encode("utf-8", "surrogatepass")).digest(length)
        for feature in features
    )
    octets: NDArray[np.uint8] = np.ndarray((len(features), length), np.uint8, drawn)
    bits = np.unpackbits(octets, axis=1)[:, :size]
    ones = bits.sum(axis=0, dtype=np.int8)
    return 2 * ones - np.int8(len(features))
