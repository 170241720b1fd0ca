"""The check that rules are for operations that there are."""

from collections.abc import Collection, Iterable

from simulator.rules.errors import BadRule, hint
from simulator.rules.matching import listed
from simulator.rules.rule import Rule

_MEMBER = "when.operation"


def check_operations(rules: Iterable[Rule], known: Collection[str]) -> None:
    """Raises `BadRule` for a rule that is for an operation of none of the `known` names."""
    for rule in rules:
        for name in listed(rule.fields.when.operation):
            if name not in known:
                raise BadRule(rule.title, _unknown(name, known), member=_MEMBER)


def _unknown(name: str, known: Collection[str]) -> str:
    names = sorted(known)
    return f"there is no operation '{name[:60]}'.{hint(name, names) or _listed(names)}"


def _listed(names: list[str]) -> str:
    return f" There are {', '.join(names)}."
