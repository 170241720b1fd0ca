"""A rule that is ready to be compared with requests."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET

from simulator.content_filter.screening import FilterAction
from simulator.latency import Slowdown
from simulator.rules.errors import BadRule
from simulator.rules.faults import check_fault, slowdown_of_fault
from simulator.rules.fields import LatencyFields, Like, RuleFields
from simulator.rules.files import check_files
from simulator.rules.filters import acts_on, filter_action
from simulator.rules.matching import Check, checks_of, patterns_of
from simulator.rules.template import check_template
from simulator.synthesis.script import ScriptKind

_SCRIPTED: tuple[ScriptKind, ...] = ("reply", "call", "embedding", "image", "transcript")
_DECISIVE = (*_SCRIPTED, "recording", "fault", "filter")
ACTIONS = (*_DECISIVE, "latency")
_BESIDE = {
    "latency": frozenset({*_SCRIPTED, "recording", "filter"}),
    "filter": frozenset({"reply", "call"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """`shown` are its members as they were given, with the name; `patterns` is the number of its
    regular expressions; `key` is the same for rules that count together: those of the same name and
    members. `title` is what errors call it, as its document has it."""

    name: str
    title: str
    fields: RuleFields
    shown: Mapping[str, Any]
    checks: tuple[Check, ...]
    patterns: int
    key: str
    filter: FilterAction | None = None

    @property
    def additive(self) -> bool:
        """True if it only adds latency to whatever else is decided."""
        return not any(getattr(self.fields, name) is not UNSET for name in _DECISIVE)

    @property
    def slowdown(self) -> Slowdown | None:
        latency, fault = self.fields.latency, self.fields.fault
        if fault is not UNSET:
            return slowdown_of_fault(fault)
        return None if latency is UNSET else slowdown_of(latency)

    @property
    def times(self) -> int | None:
        """Return how often it may act: a list that passes acts once for each of its texts."""
        replies = self.fields.reply
        if self.fields.then == "pass" and isinstance(replies, list):
            return min(len(replies), self.fields.times or len(replies))
        return self.fields.times


def rule_of(name: str, fields: RuleFields, shown: Mapping[str, Any], *, title: str) -> Rule:
    """Return the rule of these members. Raises `BadRule` for those that do not go together."""
    _check_actions(title, fields)
    _check_options(title, fields)
    check_fault(title, fields)
    check_files(title, fields)
    for member in ("reply", "call", "transcript"):
        check_template(title, member, getattr(fields, member))
    if isinstance(fields.embedding, Like):
        check_template(title, "embedding.like", fields.embedding.like)
    action = filter_action(title, fields)
    checks = (*_able(fields, action), *checks_of(title, fields.when))
    shown = {"name": name, **shown}
    digest = hashlib.sha256(msgspec.json.encode(shown, order="sorted")).hexdigest()
    patterns = len(patterns_of(fields.when))
    return Rule(name, title, fields, shown, checks, patterns, digest[:24], action)


def _able(fields: RuleFields, action: FilterAction | None) -> tuple[Check, ...]:
    """Return the check that an operation can do what the rule asks of it."""
    kind: ScriptKind | None = next(
        (one for one in _SCRIPTED if getattr(fields, one) is not UNSET), None
    )
    if kind is not None:
        return (lambda subject: kind in subject.call.operation.scripted,)
    if action is not None:
        return (lambda subject: acts_on(action, subject.call.operation.filter_shape),)
    return ()


def slowdown_of(latency: LatencyFields) -> Slowdown:
    return Slowdown(
        _seconds(latency.first_token_ms),
        _seconds(latency.token_ms),
        1.0 if latency.factor is None else latency.factor,
    )


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _check_actions(name: str, fields: RuleFields) -> None:
    given = [action for action in ACTIONS if getattr(fields, action) is not UNSET]
    if not given:
        raise BadRule(name, f"it does nothing: give it one of {', '.join(ACTIONS)}.")
    main = next((one for one in given if one not in _BESIDE), None)
    main = main or ("filter" if "filter" in given else given[0])
    for other in given:
        if other != main and main not in _BESIDE.get(other, ()):
            raise BadRule(name, f"'{main}' and '{other}' do not go together.", member=other)
    if fields.latency is not UNSET and fields.latency == LatencyFields():
        raise BadRule(name, "it changes nothing.", member="latency")


def _check_options(name: str, fields: RuleFields) -> None:
    if fields.then is not None and not isinstance(fields.reply, list):
        raise BadRule(name, "it goes with a list of replies.", member="then")
    if fields.seed is not None and fields.probability is None:
        raise BadRule(name, "it goes with a probability.", member="seed")
    if None not in (fields.from_, fields.until) and (fields.until or 0) <= (fields.from_ or 0):
        raise BadRule(name, "it must be later than 'from'.", member="until")
