"""Strings within the bounds of a schema."""

import random
from collections.abc import Callable, Mapping
from typing import TypeAlias

from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.json_values import count_at
from simulator.json_schema.patterns.matching import Matcher
from simulator.json_schema.patterns.writing import LONGEST, text_matching
from simulator.json_schema.sampling.formats import FORMATS

Words: TypeAlias = Callable[[int, random.Random], str]

# Repeats beyond the least number of them: the readable first, then the short, then the long.
_REPEATS = (6, 6, 6, 3, 1, 0, 12, 24, 48, 96, 400, 3000)
# Texts that are written for each of them, and for a format.
_PATTERN_TRIES, _FORMAT_TRIES = 4, 20
# Tokens by which a text grows that is too short.
_MORE = 8


def string(
    schema: Mapping[str, object],
    rng: random.Random,
    words: Words,
    matcher: Matcher,
    *,
    room: int,
    token: bool = False,
) -> str:
    """A string with the pattern, else the format, else of `room` tokens; lengths in code points.

    `token` asks for text without blanks at its ends, as a key of an object should be.
    """
    least = count_at(schema, "minLength", 0)
    most = count_at(schema, "maxLength", LONGEST)
    if least > most or least > LONGEST or most < 0:
        raise UnsatisfiableSchema(f"no string of {least} to {most} characters")
    pattern, named = schema.get("pattern"), schema.get("format")
    if isinstance(pattern, str):
        return _of_pattern(pattern, rng, matcher, least=least, most=most)
    if isinstance(named, str) and named in FORMATS:
        return _of_format(named, rng, least, most)
    text = words(max(1, room), rng)
    while len(text) < least:
        text = f"{text} {words(_MORE, rng)}"
    return _cut(text.strip() if token else text, least, most)


def _cut(text: str, least: int, most: int) -> str:
    cut = text[:most]
    trimmed = cut.rstrip()
    return trimmed if len(trimmed) >= least else cut


def _of_pattern(
    pattern: str, rng: random.Random, matcher: Matcher, *, least: int, most: int
) -> str:
    for repeats in _REPEATS:
        for _ in range(_PATTERN_TRIES):
            text = text_matching(pattern, rng, matcher.budget, repeats=repeats)
            if least <= len(text) <= most and matcher.matches(pattern, text):
                return text
    raise UnsatisfiableSchema(
        f"no string of {least} to {most} characters matches {pattern[:200]!r}"
    )


def _of_format(named: str, rng: random.Random, least: int, most: int) -> str:
    for _ in range(_FORMAT_TRIES):
        text = FORMATS[named](rng)
        if least <= len(text) <= most:
            return text
    raise UnsatisfiableSchema(f"no {named} of {least} to {most} characters")
