"""A cache of a function of texts that stores neither many results nor any of long texts."""

import functools
from collections.abc import Callable
from typing import TypeVar, overload

R = TypeVar("R")

LONGEST_KEY = 512


@overload
def cached(function: Callable[[str], R], *, most: int) -> Callable[[str], R]: ...
@overload
def cached(function: Callable[[str, str], R], *, most: int) -> Callable[[str, str], R]: ...
def cached(function: Callable[..., R], *, most: int) -> Callable[..., R]:
    """The function with its `most` newest results remembered, those of long texts excepted.

    What clients send may be anything, so that `most` alone would not bound the memory.
    """
    remembered = functools.lru_cache(maxsize=most)(function)

    @functools.wraps(function)
    def result(*texts: str) -> R:
        for text in texts:
            if len(text) > LONGEST_KEY:
                return function(*texts)
        return remembered(*texts)

    return result
