"""A cache of a function of texts that stores neither many results nor any of long texts.

What clients send may be anything, so that a number alone would not bound the memory.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K", str, tuple[str, str])
R = TypeVar("R")

LONGEST_KEY = 512


class _Remembered(dict[K, R], Generic[K, R]):
    """The results of a function by its texts. All are forgotten when they have become too many: a look-up
    costs less where no order of use is kept."""

    def __init__(self, function: Callable[[K], R], most: int) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def __missing__(self, key: K) -> R:
        result = self._function(key)
        texts = (key,) if isinstance(key, str) else key
        if max(map(len, texts)) <= LONGEST_KEY:
            if len(self) >= self._most:
                self.clear()
            self[key] = result
        return result


def cached(function: Callable[[str], R], *, most: int) -> Callable[[str], R]:
    """The function with up to `most` results remembered, those of long texts excepted."""
    # The look-up itself: a function around it would take as long again.
    return _Remembered(function, most).__getitem__


def cached_by_two(function: Callable[[str, str], R], *, most: int) -> Callable[[str, str], R]:
    """Like `cached`, for a function of two texts."""
    remembered = _Remembered[tuple[str, str], R](lambda texts: function(*texts), most)

    def result(first: str, second: str) -> R:
        return remembered[first, second]

    return result
