"""All rules that are in force, in the order in which they are tried."""

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from simulator.rules.counts import Candidate
from simulator.rules.index import RuleIndex
from simulator.rules.rule import Rule
from simulator.rules.subject import Subject

Source = Literal["http", "fleet", "file", "extension"]

# Work on a byte: that of a regular expression, and of a rule whose text is looked for (measured).
_PATTERN, _TEXT = 64, 0.001


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A rule, where it comes from, and since when (time of day) it is there."""

    rule: Rule
    source: Source
    came: float
    run: str = ""
    """The run that its counts belong to, beside rule and source: a beginning of the timeline's entry."""

    @property
    def key(self) -> str:
        """Return the key of its counts. Over HTTP a rule that comes again counts from zero; files are the
        same on every instance, whenever they were read."""
        since = f":{self.came!r}" if self.source == "http" else self.run
        return f"{self.source}:{self.rule.key}{since}"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request came: `elapsed` seconds on the scenario's clock, and the time of day."""

    elapsed: float
    now: float


class RuleBook:
    """`placed` are all rules; those whose names are `off` match nothing."""

    def __init__(
        self, placed: Sequence[Placed], reset_at: float = 0.0, off: Collection[str] = ()
    ) -> None:
        self.placed = tuple(placed)
        self.off = frozenset(off)
        acting = [one for one in placed if one.rule.name not in self.off]
        self._by_rule = {id(one.rule): one for one in acting}
        self._reset_at = reset_at
        self._index = RuleIndex([one.rule for one in acting])
        patterns = sum(one.rule.patterns for one in acting)
        self.work = max(1.0, _PATTERN * patterns + _TEXT * len(acting))
        """Work on a byte of a request, in that of decoding it."""

    def matching(self, subject: Subject, moment: Moment) -> list[Placed]:
        """Return the rules that match and whose time it is."""
        placed = (self._by_rule[id(rule)] for rule in self._index.matching(subject))
        return [one for one in placed if self._timely(one, moment)]

    def _timely(self, placed: Placed, moment: Moment) -> bool:
        fields = placed.rule.fields
        if fields.from_ is not None and moment.elapsed < fields.from_:
            return False
        if fields.until is not None and moment.elapsed >= fields.until:
            return False
        since = max(placed.came, self._reset_at)
        return fields.ttl is None or moment.now < since + fields.ttl

    @property
    def has_ttl(self) -> bool:
        return any(one.rule.fields.ttl is not None for one in self.placed)


def candidates_of(placed: Iterable[Placed], rng: random.Random) -> list[Candidate]:
    return [
        Candidate(
            one.key,
            one.rule.fields.skip,
            one.rule.times,
            one.rule.fields.probability,
            "" if one.rule.fields.seed is None else str(one.rule.fields.seed),
            0.0 if one.rule.fields.probability is None else rng.random(),
            one.rule.additive,
        )
        for one in placed
    ]
