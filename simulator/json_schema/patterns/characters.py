"""The characters that a set of a regular expression has."""

import re
from collections.abc import Callable, Sequence
from typing import cast

from simulator.json_schema.patterns.parsing import Node

_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
}


def in_category(char: str, category: str) -> bool:
    if category.startswith("CATEGORY_NOT_"):
        return not _CATEGORIES[category.replace("NOT_", "")](char)
    return _CATEGORIES[category](char)


def among(char: str, members: Sequence[Node]) -> bool:
    """Return True if one of the members, `NEGATE` left out, has the character."""
    return any(_has(char, str(opcode), value) for opcode, value in members)


def _has(char: str, opcode: str, value: object) -> bool:
    match opcode:
        case "LITERAL":
            return ord(char) == value
        case "RANGE":
            low, high = cast("tuple[int, int]", value)
            return low <= ord(char) <= high
        case "CATEGORY":
            return in_category(char, str(value))
        case _:
            return False


class CharacterSet:
    """The characters that one node matches, each looked up once."""

    def __init__(self, opcode: str, value: object, flags: int) -> None:
        self._opcode = opcode
        self._value = value
        self._flags = flags
        self._known: dict[str, bool] = {}

    def __contains__(self, char: str) -> bool:
        known = self._known.get(char)
        if known is None:
            known = self._known[char] = self._found(char)
        return known

    def _found(self, char: str) -> bool:
        if self._opcode == "ANY":
            return char != "\n" or bool(self._flags & re.DOTALL)
        if not self._flags & re.IGNORECASE:
            return self._in((char,))
        variants = (char, char.lower(), char.upper(), char.casefold(), char.title())
        return self._in(tuple(one for one in variants if len(one) == 1))

    def _in(self, variants: tuple[str, ...]) -> bool:
        match self._opcode:
            case "LITERAL":
                return any(ord(one) == self._value for one in variants)
            case "NOT_LITERAL":
                return not any(ord(one) == self._value for one in variants)
            case _:
                members = cast("Sequence[Node]", self._value)
                negated = str(members[0][0]) == "NEGATE"
                return negated != any(among(one, members) for one in variants)
