"""Texts that match a regular expression, written from its parts."""

import random
from collections.abc import Callable, Sequence
from typing import cast

from simulator.budget import Budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.patterns.characters import among
from simulator.json_schema.patterns.parsing import Node, NotAPattern, parsed

LONGEST = 20_000
PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))
LETTERS = "abcdefghijklmnopqrstuvwxyz"
_CATEGORIES = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_NOT_DIGIT": LETTERS,
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": LETTERS + "0123456789",
    "CATEGORY_WORD": LETTERS + "0123456789",
    "CATEGORY_NOT_WORD": " -.,:;",
}


def text_matching(pattern: str, rng: random.Random, budget: Budget, *, repeats: int) -> str:
    """Return a text made of the parts of `pattern`, each at most `repeats` over its least.

    Look-arounds and boundaries are passed over, so the caller has to check that the text matches.
    """
    budget.work(10 * len(pattern))
    try:
        tree = parsed(pattern)
    except NotAPattern:
        raise UnsatisfiableSchema(f"{pattern[:200]!r} is not a regular expression") from None
    writer = _Writer(rng, budget, repeats)
    writer.write(tree.nodes)
    return "".join(writer.written)


class _Writer:
    def __init__(self, rng: random.Random, budget: Budget, repeats: int) -> None:
        self.rng = rng
        self.budget = budget
        self.repeats = repeats
        self.written: list[str] = []
        self._groups: dict[object, str] = {}
        self._steps = 0
        self._left: dict[int, list[str]] = {}

    def write(self, nodes: Sequence[Node]) -> None:
        for opcode, value in nodes:
            self._steps += 1
            self.budget.work()
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
            self.written.append(self.rng.choice(self._outside(members)))
        else:
            self.written.append(self._member(*self.rng.choice(members)))

    def _outside(self, members: Sequence[Node]) -> list[str]:
        """The characters that a negated set leaves: found once, as it may be repeated."""
        left = self._left.get(id(members))
        if left is None:
            self.budget.work(len(PRINTABLE) * len(members))
            left = [char for char in LETTERS + PRINTABLE if not among(char, members)]
            self._left[id(members)] = left
        if not left:
            raise UnsatisfiableSchema("the pattern has a set without a printable character")
        return left

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
        again = self._groups.get(value, "")
        self._steps += len(again)
        self.written.append(again)

    def repeat(self, value: object) -> None:
        least, most, nodes = cast("tuple[int, int, Sequence[Node]]", value)
        for _ in range(self.rng.randint(least, min(int(most), least + self.repeats))):
            before = len(self.written)
            self.write(nodes)
            if len(self.written) == before:
                break  # The rest may be empty as well, and is not waited for.


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
