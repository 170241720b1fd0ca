"""An index of many rules: those that a request has to be compared with at all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from simulator.rules.matching import listed
from simulator.rules.needles import Needles
from simulator.rules.rule import Rule
from simulator.rules.subject import Subject

T = TypeVar("T")

_BY_VALUE = ("deployment", "operation", "model")


class RuleIndex:
    """Finds the rules that may match by one member of each: a value that is looked up, or a text that
    is searched. What has neither may always match."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._always: list[int] = []
        self._by_value: dict[str, defaultdict[str, list[int]]] = {
            member: defaultdict(list) for member in _BY_VALUE
        }
        self._needles = Needles()
        for position, rule in enumerate(rules):
            self._add(position, rule)
        _ = self._needles.index  # made now, on the thread that makes all of this

    def _add(self, position: int, rule: Rule) -> None:
        when = rule.fields.when
        for member in _BY_VALUE:
            if wanted := listed(getattr(when, member)):
                for value in wanted:
                    self._by_value[member][value].append(position)
                return
        if when.contains is None:
            self._always.append(position)
            return
        for needle in listed(when.contains):
            self._needles.add(needle, position)

    def matching(self, subject: Subject) -> list[Rule]:
        """Return the rules that match, in their order."""
        rules = (self._rules[position] for position in sorted(self._candidates(subject)))
        return [rule for rule in rules if all(check(subject) for check in rule.checks)]

    def _candidates(self, subject: Subject) -> Iterable[int]:
        found = set(self._always)
        values = (("deployment", (subject.deployment,)), ("operation", (subject.operation,)))
        for member, present in (*values, ("model", subject.models)):
            by_value = self._by_value[member]
            for value in present if by_value else ():
                found.update(by_value.get(value, ()))
        if self._needles:
            found.update(self._needles.candidates_in(subject.last_message))
        return found
