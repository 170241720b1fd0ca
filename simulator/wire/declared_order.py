"""The order in which a body's type declares the words of a choice, which refusals list them in.

msgspec sorts them; the real service lists them as its own types have them.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, get_args, get_origin, get_type_hints

from msgspec import Struct

Words = Mapping[frozenset[str], Sequence[str]]


@functools.cache
def declared_words(of: type) -> Words:
    """Return the words of each choice in a type and in all that it holds, by what they are."""
    return {frozenset(words): words for words in _choices(of, set())}


def _choices(of: object, seen: set[object]) -> Iterator[tuple[str, ...]]:
    if get_origin(of) is Literal:
        yield tuple(str(word) for word in get_args(of))
    elif isinstance(of, type) and issubclass(of, Struct):
        if of not in seen:
            seen.add(of)
            for inner in get_type_hints(of, include_extras=True).values():
                yield from _choices(inner, seen)
    else:
        for inner in get_args(of):
            yield from _choices(inner, seen)
