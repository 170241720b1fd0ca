"""A cache of a function of texts that stores neither many results nor any of long texts."""

import functools
from collections.abc import Callable
from typing import Generic, TypeVar, overload

R = TypeVar("R")

LONGEST_KEY = 512


class _Remembered(dict[tuple[str, ...], R], Generic[R]):
    """The results of a function by its texts. All are forgotten when they have become too many: a look-up
    costs less where no order of use is kept."""

    def __init__(self, function: Callable[..., R], most: int) -> None:
        super().__init__()
        self._function = function
        self._most = most

    def __missing__(self, texts: tuple[str, ...]) -> R:
        result = self._function(*texts)
        if max(map(len, texts)) <= LONGEST_KEY:
            if len(self) >= self._most:
                self.clear()
            self[texts] = result
        return result


@overload
def cached(function: Callable[[str], R], *, most: int) -> Callable[[str], R]: ...
@overload
def cached(function: Callable[[str, str], R], *, most: int) -> Callable[[str, str], R]: ...
def cached(function: Callable[..., R], *, most: int) -> Callable[..., R]:
    """The function with up to `most` results remembered, those of long texts excepted.

    What clients send may be anything, so that `most` alone would not bound the memory.
    """
    remembered = _Remembered(function, most)

    @functools.wraps(function)
    def result(*texts: str) -> R:
        return remembered[texts]

    return result
