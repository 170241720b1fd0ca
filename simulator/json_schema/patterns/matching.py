"""Matches a text with a regular expression, within a budget of work.

All positions that can be reached are followed at once, so nothing is tried twice and no pattern
takes exponential time; with references back to groups, what the groups hold is followed too. The
libraries do not do: `re` holds the interpreter for as long as a pattern wants, `regex` as well while
it builds its tables (and takes gigabytes for nested repeats), and RE2 has no look-arounds.
An atomic group is taken to be as long as it can be, which is all that JSON Schema asks for: its
dialect (ECMA 262) has none.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from simulator.budget import Budget, BudgetExceeded
from simulator.json_schema.patterns.characters import CharacterSet
from simulator.json_schema.patterns.parsing import Node, NotAPattern, Pattern, Tree, parsed
from simulator.json_schema.patterns.steps import (
    NOWHERE,
    Groups,
    Run,
    States,
    Step,
    again,
    at,
    branch,
    chain,
    character,
    literal,
    longest,
    repeat,
)


@dataclass(slots=True)
class Matcher:
    """Matches texts for one request; each pattern is prepared once."""

    budget: Budget
    _searches: dict[str, "Search | None"] = field(default_factory=dict[str, "Search | None"])

    def matches(self, pattern: str, text: str) -> bool:
        """Return True if `pattern` is found in `text`; False for an invalid pattern.

        Raises BudgetExceeded.
        """
        if pattern not in self._searches:
            self._searches[pattern] = self._prepared(pattern)
        search = self._searches[pattern]
        try:
            return search is not None and search.found(text, self.budget)
        except RecursionError:
            raise BudgetExceeded(f"the pattern {pattern[:40]!r} nests too deeply") from None

    def _prepared(self, pattern: str) -> "Search | None":
        self.budget.work(10 * len(pattern))
        try:
            return Search.of(pattern)
        except NotAPattern:
            return None


class Search:
    """A pattern that is prepared to be looked for in texts; raises NotAPattern."""

    def __init__(self, pattern: Pattern) -> None:
        self._referenced = pattern.referenced
        self._step = self._sequence(pattern.nodes, pattern.flags)

    @classmethod
    def of(cls, pattern: str) -> "Search":
        return cls(parsed(pattern))

    def found(self, text: str, budget: Budget) -> bool:
        """Return True if it is in the text; raises BudgetExceeded."""
        run = Run(text, budget)
        if self._step(run, frozenset({(0, ())})):
            return True
        return bool(self._step(run, run.states((at, ()) for at in range(1, len(text) + 1))))

    def _sequence(self, nodes: Sequence[Node], flags: int) -> Step:
        steps: list[Step] = []
        text = ""
        for opcode, value in nodes:
            if str(opcode) == "LITERAL" and not flags & re.IGNORECASE:
                text += chr(cast("int", value))
                continue
            if text:
                steps.append(literal(text))
                text = ""
            steps.append(_STEPS[str(opcode)](self, str(opcode), value, flags))
        return chain([*steps, literal(text)] if text else steps)

    def character(self, opcode: str, value: object, flags: int) -> Step:
        return character(CharacterSet(opcode, value, flags))

    def branch(self, _: str, value: object, flags: int) -> Step:
        branches = cast("tuple[object, Sequence[Sequence[Node]]]", value)[1]
        return branch([self._sequence(nodes, flags) for nodes in branches])

    def atomic(self, _: str, value: object, flags: int) -> Step:
        return longest(self._sequence(cast("Sequence[Node]", value), flags))

    def repeat(self, opcode: str, value: object, flags: int) -> Step:
        least, most, nodes = cast("tuple[int, int, Sequence[Node]]", value)
        step = repeat(self._sequence(nodes, flags), int(least), int(most))
        return longest(step) if opcode == "POSSESSIVE_REPEAT" else step

    def again(self, _: str, value: object, flags: int) -> Step:
        return again(value, folded=bool(flags & re.IGNORECASE))

    def at(self, _: str, value: object, flags: int) -> Step:
        return at(str(value), flags)

    def failure(self, _opcode: str, _value: object, _flags: int) -> Step:
        return lambda _run, _states: NOWHERE

    def group(self, _: str, value: object, flags: int) -> Step:
        name, added, removed, nodes = cast("tuple[object, int, int, Sequence[Node]]", value)
        step = self._sequence(nodes, (flags | added) & ~removed)
        if name not in self._referenced:
            return step

        def held(run: Run, states: States) -> States:
            return run.states(
                (end, (*((n, t) for n, t in groups if n != name), (name, run.text[start:end])))
                for start, before in states
                for end, groups in step(run, frozenset({(start, before)}))
            )

        return held

    def look(self, opcode: str, value: object, flags: int) -> Step:
        direction, nodes = cast("tuple[int, Tree]", value)
        step = self._sequence(nodes, flags)
        width = nodes.getwidth()[0] if direction < 0 else 0
        wanted = opcode == "ASSERT"

        def look(run: Run, states: States) -> States:
            def holds(place: int, groups: Groups) -> bool:
                if place < width:
                    return False
                ends = step(run, frozenset({(place - width, groups)}))
                return bool(ends) if direction > 0 else any(end == place for end, _ in ends)

            return run.states(state for state in states if holds(*state) == wanted)

        return look

    def if_group(self, _: str, value: object, flags: int) -> Step:
        name, present, absent = cast("tuple[object, Sequence[Node], Sequence[Node] | None]", value)
        yes, no = self._sequence(present, flags), self._sequence(absent or (), flags)

        def chosen(run: Run, states: States) -> States:
            held = frozenset(state for state in states if any(n == name for n, _ in state[1]))
            return run.states(yes(run, held) | no(run, states - held))

        return chosen


_Prepare: TypeAlias = Callable[[Search, str, object, int], Step]
_STEPS: dict[str, _Prepare] = {
    **dict.fromkeys(("LITERAL", "NOT_LITERAL", "ANY", "IN"), Search.character),
    **dict.fromkeys(("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"), Search.repeat),
    **dict.fromkeys(("ASSERT", "ASSERT_NOT"), Search.look),
    "BRANCH": Search.branch,
    "SUBPATTERN": Search.group,
    "ATOMIC_GROUP": Search.atomic,
    "GROUPREF": Search.again,
    "GROUPREF_EXISTS": Search.if_group,
    "AT": Search.at,
    "FAILURE": Search.failure,
}
