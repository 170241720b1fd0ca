"""The steps of matching: from where it can stand to where it can stand after one part."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from simulator.budget import Budget, BudgetExceeded
from simulator.json_schema.patterns.characters import CharacterSet

Groups: TypeAlias = tuple[tuple[object, str], ...]
State: TypeAlias = tuple[int, Groups]
States: TypeAlias = frozenset[State]
"""The places at which matching can stand, with the texts that the groups hold there which are referred to."""

_MOST_STATES = 100_000
NOWHERE: States = frozenset()


@dataclass(slots=True)
class Run:
    """One text that is searched."""

    text: str
    budget: Budget

    def states(self, found: Iterable[State]) -> States:
        states = frozenset(found)
        self.budget.work(1 + len(states))
        if len(states) > _MOST_STATES:
            raise BudgetExceeded("it takes too much memory")
        return states


Step: TypeAlias = Callable[[Run, States], States]


def chain(steps: Sequence[Step]) -> Step:
    def chained(run: Run, states: States) -> States:
        for step in steps:
            if not states:
                return NOWHERE
            states = step(run, states)
        return states

    return chained


def literal(literal: str) -> Step:
    def step(run: Run, states: States) -> States:
        text, length = run.text, len(literal)
        run.budget.work(len(states))
        return frozenset((at + length, g) for at, g in states if text.startswith(literal, at))

    return step


def character(characters: CharacterSet) -> Step:
    def step(run: Run, states: States) -> States:
        text, end = run.text, len(run.text)
        run.budget.work(1 + len(states))
        return frozenset((at + 1, g) for at, g in states if at < end and text[at] in characters)

    return step


def branch(steps: Sequence[Step]) -> Step:
    return lambda run, states: run.states(s for step in steps for s in step(run, states))


def repeat(body: Step, least: int, most: int) -> Step:
    """Each round starts where the last one ended, until a round leads nowhere new."""

    def step(run: Run, states: States) -> States:
        for _ in range(least):
            following = body(run, states)
            run.budget.work()
            if following == states:
                break
            states = following
        reached, front = set(states), states
        for _ in range(most - least):
            front = run.states(body(run, front) - reached)
            if not front:
                break
            reached |= front
        return run.states(reached)

    return step


def longest(body: Step) -> Step:
    def step(run: Run, states: States) -> States:
        ends = (body(run, frozenset({state})) for state in states)
        return run.states(max(found) for found in ends if found)

    return step


def again(name: object, *, folded: bool) -> Step:
    """Match the text of a group once more; `folded`: in any case."""

    def found(text: str, start: int, held: str) -> bool:
        part = text[start : start + len(held)]
        return part.lower() == held.lower() if folded else part == held

    def step(run: Run, states: States) -> States:
        return run.states(
            (start + len(held), groups)
            for start, groups in states
            for n, held in groups
            if n == name and found(run.text, start, held)
        )

    return step


def at(where: str, flags: int) -> Step:
    multiline = bool(flags & re.MULTILINE)
    place = f"LINE_{where}" if multiline and f"LINE_{where}" in _PLACES else where
    holds = _PLACES[place]
    return lambda run, states: run.states(s for s in states if holds(run.text, s[0]))


def _begins(text: str, at: int) -> bool:
    del text
    return at == 0


def _line_begins(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == "\n"


def _ends(text: str, at: int) -> bool:
    return at == len(text) or (at == len(text) - 1 and text[at] == "\n")


def _line_ends(text: str, at: int) -> bool:
    return at == len(text) or text[at] == "\n"


def _is_boundary(text: str, at: int) -> bool:
    before = at > 0 and (text[at - 1].isalnum() or text[at - 1] == "_")
    after = at < len(text) and (text[at].isalnum() or text[at] == "_")
    return before != after


def _is_no_boundary(text: str, at: int) -> bool:
    return not _is_boundary(text, at)


def _text_ends(text: str, at: int) -> bool:
    return at == len(text)


_PLACES: dict[str, Callable[[str, int], bool]] = {
    "AT_BEGINNING": _begins,
    "AT_BEGINNING_STRING": _begins,
    "AT_END": _ends,
    "AT_END_STRING": _text_ends,
    "AT_BOUNDARY": _is_boundary,
    "AT_NON_BOUNDARY": _is_no_boundary,
    "LINE_AT_BEGINNING": _line_begins,
    "LINE_AT_END": _line_ends,
}
