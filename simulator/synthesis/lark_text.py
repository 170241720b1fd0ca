"""Texts that follow a Lark grammar."""

import math
import random
from collections.abc import Mapping, Sequence

from simulator.budget import Budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.patterns.writing import text_matching
from simulator.synthesis.lark_grammar import (
    Choice,
    Expression,
    Grammar,
    Name,
    Part,
    Repeat,
    Sequenced,
    Text,
    read_grammar,
)

_MOST_STEPS, _MANY_STEPS, _DEEP = 5_000, 400, 8
"""The most parts of a text; how many, and how deep rules, after which the shortest way out is taken."""
_REPEATS = 3
_WORK = 20
"""The work that a rule's cost takes."""


def text_of_grammar(definition: str, rng: random.Random, budget: Budget) -> str:
    """Return a text that the grammar's `start` derives; raises UnsatisfiableSchema if none is found."""
    budget.work(len(definition))
    return _Writer(read_grammar(definition), rng, budget).text()


class _Writer:
    """Derives a text, part by part, from a stack: grammars may nest as they like."""

    def __init__(self, grammar: Grammar, rng: random.Random, budget: Budget) -> None:
        self._grammar = grammar
        self._rng = rng
        self._budget = budget
        self._costs = _costs(grammar, budget)

    def text(self) -> str:
        if self._costs["start"] == math.inf:
            raise UnsatisfiableSchema("the grammar derives no text")
        written: list[str] = []
        stack: list[tuple[Part, int, bool]] = [(Name("start"), 0, False)]
        for step in range(_MOST_STEPS):
            if not stack:
                return "".join(written)
            self._budget.work()
            part, depth, within = stack.pop()
            if not within and written and self._grammar.spaced and _is_terminal(part):
                written.append(" ")
            if isinstance(part, Text):
                written.append(part.text)
            elif isinstance(part, Expression):
                text = text_matching(part.pattern, self._rng, self._budget, repeats=_REPEATS)
                written.append(text)
            else:
                within = within or _is_terminal(part)
                inner = self._inner(part, short=depth > _DEEP or step > _MANY_STEPS)
                depth += isinstance(part, Name)
                stack += [(one, depth, within) for one in reversed(inner)]
        raise UnsatisfiableSchema("the grammar only derives very long texts")

    def _inner(self, part: Name | Sequenced | Choice | Repeat, *, short: bool) -> Sequence[Part]:
        """The parts that are written for this one, the `short`est ones if that is asked."""
        match part:
            case Name(name):
                return [self._grammar.rules[name]]
            case Sequenced(parts):
                return parts
            case Choice(ways):
                costs = [_cost(way, self._costs) for way in ways]
                least = min(costs) if short else math.inf
                return [
                    self._rng.choice(
                        [w for w, c in zip(ways, costs, strict=True) if c <= least and c < math.inf]
                    )
                ]
            case Repeat(inner, least, most):
                endless = _cost(inner, self._costs) == math.inf
                beyond = 0 if short or endless else self._rng.randint(0, _REPEATS)
                return [inner] * int(min(least + beyond, most))


def _is_terminal(part: Part) -> bool:
    return isinstance(part, Text | Expression) or (
        isinstance(part, Name) and part.name.lstrip("_")[:1].isupper()
    )


def _costs(grammar: Grammar, budget: Budget) -> dict[str, float]:
    """The least parts that each rule is derived by; infinite for one that never ends."""
    costs = dict.fromkeys(grammar.rules, math.inf)
    names, found = list(costs), True
    while found:
        budget.work(_WORK * len(costs))
        found = False
        # Most rules are named before they are defined, so the last ones are known first.
        for name in reversed(names):
            cost = 1 + _cost(grammar.rules[name], costs)
            found |= cost < costs[name]
            costs[name] = cost
    return costs


def _cost(part: Part, costs: Mapping[str, float]) -> float:
    match part:
        case Text() | Expression():
            return 1
        case Name(name):
            return costs.get(name, math.inf)
        case Sequenced(parts):
            return sum([_cost(one, costs) for one in parts])
        case Choice(ways):
            return min(_cost(way, costs) for way in ways)
        case Repeat(inner, least):
            return least * _cost(inner, costs) if least else 0
