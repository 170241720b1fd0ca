"""The words that a request and a tool have in common."""

import re
from collections.abc import Iterable, Mapping
from typing import cast

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ENDINGS = ("ings", "ing", "ies", "ied", "es", "ed", "s", "y", "e")
_SHORTEST_STEM = 3
_DEEPEST = 20

# They say nothing about what a tool is for: they are in every request, and in every description.
_EMPTY_WORDS = """
    a about all also an and any are as at be been both but by call called can could current
    currently data do does for from function get give given gives had has have how i if in info
    information input into is it its just let like list make may me might more must my name need no
    not now object of on one only optional or other our out output parameter please provide provided
    return returned returns set should show so some specific string such tell than that the their them
    then there these they this those to tool tools type up us use used using value want was we
    were what when where which who why will with would you your
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())


def stems(text: str) -> list[str]:
    """The words of the text in their order: small letters, without endings, empty words left out."""
    words = _WORD.findall(_CAMEL.sub(" ", text))
    return [_stem(word) for word in map(str.lower, words) if word not in _EMPTY]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


def property_names(schema: Mapping[str, object]) -> Iterable[str]:
    """The names of all properties that a schema declares, at any depth up to twenty."""
    layer: list[object] = [schema]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for part in layer:
            if isinstance(part, dict):
                members = cast("dict[str, object]", part)
                properties = members.get("properties")
                if isinstance(properties, dict):
                    yield from cast("dict[str, object]", properties)
                below += members.values()
            elif isinstance(part, list):
                below += cast("list[object]", part)
        layer = below
