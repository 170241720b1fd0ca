"""Objects as people write them into prompts: nearly JSON, with comments, names of types, bare words."""

import re
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | None"

MOST_STEPS = 5_000
"""Keys and values that are read in all texts of a prompt."""
_DEEPEST = 20

_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*[^*]*\*/|#[^\n]*)*")
_BLANKS = re.compile(r"[ \t]*")
_DOTS = re.compile(r"\.{3}|…")
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"' + r"|'((?:[^'\\\n]|\\.)*)'")
_NAME = re.compile(r"([A-Za-z_$][\w$-]{0,79})\??")
_BARE = re.compile(
    r'(?:"[^"\n]*"' + r"|'[^'\n]*'|<[^<>\n]*>|\([^()\n]*\)|\[[^][\n]*\]"
    r"|/(?!/|\*)|[^][(){}<>,;\"'/#\n])+"
)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?(?:[eE][+-]?\d{1,2})?")
_LIST = re.compile(r"(?:array|list|sequence)\s*[<\[(](.+)[>\])]|(.+)\[\]", re.IGNORECASE)
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "none": None}


class NoObject(ValueError):
    """The text is nothing like an object, or too long a one."""


class LooseReader:
    """Reads objects; all that it reads has a bound."""

    def __init__(self) -> None:
        self._left = MOST_STEPS

    def object_at(self, text: str, start: int) -> tuple[dict[str, Value], int]:
        """Return the object whose brace is at `start`, and the place behind it. Raises `NoObject`."""
        return self._object(text, start + 1, 0)

    def _object(self, text: str, at: int, depth: int) -> tuple[dict[str, Value], int]:
        found: dict[str, Value] = {}
        while True:
            at = self._next(text, at, depth)
            if text.startswith("}", at):
                if not found:
                    raise NoObject
                return found, at + 1
            if dots := _DOTS.match(text, at):
                at = dots.end()
            else:
                name, at = _key(text, at)
                found[name], at = self._value(text, at, depth)
            at = _separated(text, at, "}")

    def _array(self, text: str, at: int, depth: int) -> tuple[list[Value], int]:
        found: list[Value] = []
        while True:
            at = self._next(text, at, depth)
            if text.startswith("]", at):
                return found, at + 1
            if dots := _DOTS.match(text, at):
                at = dots.end()
            else:
                item, at = self._value(text, at, depth)
                found.append(item)
            at = _separated(text, at, "]")

    def _value(self, text: str, at: int, depth: int) -> tuple[Value, int]:
        at = self._next(text, at, depth)
        if text.startswith("{", at):
            found, end = self._object(text, at + 1, depth + 1)
            listed = text.startswith("[]", end)
            return ([found], end + 2) if listed else (found, end)
        if text.startswith("[", at):
            return self._array(text, at + 1, depth + 1)
        if string := _STRING.match(text, at):
            end = _blanks(text, string.end())
            if not text.startswith("|", end):
                return string[1] if string[1] is not None else string[2], end
        bare = _BARE.match(text, at)
        if bare is None or not bare[0].strip():
            raise NoObject
        return _meant(bare[0].strip()), bare.end()

    def _next(self, text: str, at: int, depth: int) -> int:
        """Return the place of what comes next, behind blanks and comments."""
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            raise NoObject
        found = _SPACE.match(text, at)
        return found.end() if found else at


def _key(text: str, at: int) -> tuple[str, int]:
    found = _STRING.match(text, at) or _NAME.match(text, at)
    if found is None:
        raise NoObject
    end = _blanks(text, found.end())
    if not text.startswith(":", end):
        raise NoObject
    return next(group for group in found.groups() if group is not None), end + 1


def _separated(text: str, at: int, closing: str) -> int:
    """Return the place behind the comma, the semicolon or the end of the line that follows a value."""
    at = _blanks(text, at)
    if text.startswith((",", ";"), at):
        return at + 1
    if not text.startswith((closing, "\n", "\r", "//", "/*", "#"), at):
        raise NoObject
    return at


def _blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _meant(text: str) -> Value:
    """Return the value that bare words mean, or themselves: the name of a type, or a description."""
    lowered = text.lower()
    if lowered in _LITERALS:
        return _LITERALS[lowered]
    if number := _NUMBER.fullmatch(text):
        return float(text) if number[1] or "e" in lowered else int(text)
    if listed := _LIST.fullmatch(text):
        return [_meant((listed[1] or listed[2]).strip())]
    if "|" in text:
        return "|".join(part.strip(" \"'") for part in text.split("|"))
    return text
