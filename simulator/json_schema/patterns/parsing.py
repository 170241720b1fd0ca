"""Regular expressions as trees, in the syntax that the real service takes: Python's.

`re._parser` is what the public `re.compile` parses with, and what every generator of this kind
(rstr, exrex, hypothesis) walks. Nothing is compiled by `re`: its optimiser takes minutes for sets
without case, and cannot be interrupted.
"""

import functools
import importlib
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, cast

Node: TypeAlias = tuple[object, object]

LONGEST_PATTERN = 5_000
_CACHED_LENGTH = 200
_LOOKS = ("ASSERT", "ASSERT_NOT")
# Warnings of sets that a later Python may read otherwise: each would be a line on the console, of a text
# that a client chose, and is remembered for each position in a pattern.
warnings.filterwarnings("ignore", "Possible (nested set|set )", FutureWarning)


class _State(Protocol):
    flags: int


class Tree(Sequence[Node], ABC):
    """A sequence of nodes as the parser makes it; for types alone."""

    state: _State

    @abstractmethod
    def getwidth(self) -> tuple[int, int]: ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern's `nodes`, its `flags`, the groups that it refers back to, and whether it has a
    lookahead or lookbehind.
    """

    nodes: Sequence[Node]
    flags: int
    referenced: frozenset[object]
    looks_around: bool = False


class NotAPattern(ValueError):
    """A text that is no regular expression, or one beyond the bounds."""


_parse = cast("Callable[[str], Tree]", importlib.import_module("re._parser").parse)


def parsed(pattern: str) -> Pattern:
    """The tree of `pattern`; raises NotAPattern."""
    if len(pattern) > LONGEST_PATTERN:
        raise NotAPattern(f"a pattern of more than {LONGEST_PATTERN} characters")
    # A tree takes about 200 bytes a character, so only short patterns stay in memory.
    return _cached(pattern) if len(pattern) <= _CACHED_LENGTH else _parsed(pattern)


def is_pattern(pattern: str) -> bool:
    try:
        parsed(pattern)
    except NotAPattern:
        return False
    return True


def looks_around(pattern: str) -> bool:
    """Return True if a valid pattern has a lookahead or lookbehind."""
    return "(?" in pattern and is_pattern(pattern) and parsed(pattern).looks_around


def _parsed(pattern: str) -> Pattern:
    try:
        tree = _parse(pattern)
        referenced: set[object] = set()
        looks = False
        for opcode, value in _every(tree):
            if opcode == "GROUPREF":
                referenced.add(value)
            elif opcode == "GROUPREF_EXISTS":
                referenced.add(cast("tuple[object, ...]", value)[0])
            elif opcode in _LOOKS:
                looks = True
                _check_look(cast("tuple[int, Tree]", value))
        return Pattern(tree, tree.state.flags, frozenset(referenced), looks)
    except (re.error, OverflowError, RecursionError) as error:
        raise NotAPattern(str(error)) from None


_cached = functools.lru_cache(maxsize=256)(_parsed)


def _check_look(value: tuple[int, Tree]) -> None:
    """Refuse what `re.compile` refuses after parsing."""
    direction, tree = value
    least, most = tree.getwidth()
    if direction < 0 and least != most:
        raise NotAPattern("look-behind requires fixed-width pattern")


def _every(nodes: Sequence[Node]) -> Iterator[tuple[str, object]]:
    """All nodes of the tree with the names of their opcodes."""
    for opcode, value in nodes:
        yield str(opcode), value
        for part in parts(str(opcode), value):
            yield from _every(part)


def parts(opcode: str, value: object) -> Sequence[Sequence[Node]]:
    """The sequences of nodes inside a node."""
    match opcode:
        case "BRANCH":
            return cast("tuple[object, Sequence[Sequence[Node]]]", value)[1]
        case "ATOMIC_GROUP":
            return [cast("Sequence[Node]", value)]
        case "SUBPATTERN" | "ASSERT" | "ASSERT_NOT" | "MAX_REPEAT" | "MIN_REPEAT":
            return [cast("Sequence[Sequence[Node]]", value)[-1]]
        case "POSSESSIVE_REPEAT":
            return [cast("Sequence[Sequence[Node]]", value)[-1]]
        case "GROUPREF_EXISTS":
            branches = cast("Sequence[Sequence[Node] | None]", value)[1:]
            return [branch for branch in branches if branch is not None]
        case _:
            return ()
