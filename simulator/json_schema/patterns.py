"""Text that matches a regular expression, and whether text does.

`re._parser` is what the public `re.compile` parses with, and what every generator of this kind
(rstr, exrex, hypothesis) walks.
"""

import functools
import importlib
import random
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias, cast

import regex

from simulator.json_schema.errors import UnsatisfiableSchema

Node: TypeAlias = tuple[object, object]

LONGEST = 20_000
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SECONDS_TO_MATCH = 0.1
_CATEGORIES = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_NOT_DIGIT": LETTERS,
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": LETTERS + "0123456789",
    "CATEGORY_WORD": LETTERS + "0123456789",
    "CATEGORY_NOT_WORD": " -.,:;",
}
_parse = cast("Callable[[str], Sequence[Node]]", importlib.import_module("re._parser").parse)


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> "regex.Pattern[str]":
    return regex.compile(pattern)


def matches(pattern: str, text: str) -> bool:
    """Whether `text` has a match of `pattern`; one that backtracks without end counts as none."""
    try:
        return _compiled(pattern).search(text, timeout=SECONDS_TO_MATCH) is not None
    except (regex.error, TimeoutError, RecursionError):
        return False


def is_pattern(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def text_matching(pattern: str, rng: random.Random, *, repeats: int) -> str:
    """A text made from the parts of `pattern`, with at most `repeats` more than the least of each.

    Looks around and boundaries are passed over, so the caller has to see whether the text matches.
    """
    if not is_pattern(pattern):
        raise UnsatisfiableSchema(f"{pattern!r} is not a regular expression")
    writer = _Writer(rng, repeats)
    writer.write(_parse(pattern))
    return "".join(writer.written)


class _Writer:
    def __init__(self, rng: random.Random, repeats: int) -> None:
        self.rng = rng
        self.repeats = repeats
        self.written: list[str] = []
        self._groups: dict[object, str] = {}
        self._steps = 0

    def write(self, nodes: Sequence[Node]) -> None:
        for opcode, value in nodes:
            self._steps += 1
            if self._steps > LONGEST:
                raise UnsatisfiableSchema("the pattern only matches very long texts")
            writer = _WRITERS.get(str(opcode))
            if writer is not None:
                writer(self, value)

    def literal(self, value: object) -> None:
        self.written.append(chr(cast("int", value)))

    def other_than(self, value: object) -> None:
        self.written.append(self.rng.choice(PRINTABLE.replace(chr(cast("int", value)), "")))

    def any(self, _: object) -> None:
        self.written.append(self.rng.choice(LETTERS))

    def one_of(self, value: object) -> None:
        members = cast("Sequence[Node]", value)
        if str(members[0][0]) == "NEGATE":
            excluded = members[1:]
            left = [char for char in LETTERS + PRINTABLE if not _among(char, excluded)]
            if not left:
                raise UnsatisfiableSchema("the pattern has a set without a printable character")
            self.written.append(self.rng.choice(left))
        else:
            self.written.append(self._member(*self.rng.choice(members)))

    def _member(self, opcode: object, value: object) -> str:
        match str(opcode):
            case "LITERAL":
                return chr(cast("int", value))
            case "RANGE":
                low, high = cast("tuple[int, int]", value)
                printable = range(max(low, 0x20), min(high, 0x7E) + 1)
                return chr(self.rng.choice(printable or range(low, high + 1)))
            case _:
                return self.rng.choice(_CATEGORIES[str(value)])

    def branch(self, value: object) -> None:
        self.write(self.rng.choice(cast("tuple[object, Sequence[Sequence[Node]]]", value)[1]))

    def group(self, value: object) -> None:
        parts = cast("tuple[object, ...]", value)
        start = len(self.written)
        self.write(cast("Sequence[Node]", parts[-1]))
        self._groups[parts[0]] = "".join(self.written[start:])

    def atomic(self, value: object) -> None:
        self.write(cast("Sequence[Node]", value))

    def group_again(self, value: object) -> None:
        self.written.append(self._groups.get(value, ""))

    def repeat(self, value: object) -> None:
        least, most, nodes = cast("tuple[int, int, Sequence[Node]]", value)
        for _ in range(self.rng.randint(least, min(int(most), least + self.repeats))):
            self.write(nodes)


_WRITERS: dict[str, Callable[[_Writer, object], None]] = {
    "LITERAL": _Writer.literal,
    "NOT_LITERAL": _Writer.other_than,
    "ANY": _Writer.any,
    "IN": _Writer.one_of,
    "BRANCH": _Writer.branch,
    "SUBPATTERN": _Writer.group,
    "ATOMIC_GROUP": _Writer.atomic,
    "GROUPREF": _Writer.group_again,
    "MAX_REPEAT": _Writer.repeat,
    "MIN_REPEAT": _Writer.repeat,
    "POSSESSIVE_REPEAT": _Writer.repeat,
}

_IN_CATEGORY: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_NOT_DIGIT": lambda char: not char.isdigit(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda char: not char.isspace(),
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
    "CATEGORY_NOT_WORD": lambda char: not (char.isalnum() or char == "_"),
}


def _among(char: str, members: Sequence[Node]) -> bool:
    for opcode, value in members:
        match str(opcode):
            case "LITERAL":
                found = ord(char) == value
            case "RANGE":
                low, high = cast("tuple[int, int]", value)
                found = low <= ord(char) <= high
            case _:
                found = _IN_CATEGORY[str(value)](char)
        if found:
            return True
    return False
