"""Errors of rules, each in one line that names the rule and the member."""

import re
import typing
from collections.abc import Iterable

from msgspec import Struct, structs

from simulator.errors import InvalidRequest
from simulator.rules.fields import STRUCTS
from simulator.suggestions import nearest
from simulator.type_problems import in_words, located

_BEGINNING = 3
_WORD = re.compile(r"Invalid enum value '(.+)'")
_PATTERN = re.compile("Expected `str` matching regex")  # that of a name, there is no other
_LONGEST = 600


class BadRule(InvalidRequest):
    """A rule that cannot be taken; nothing of its document is."""

    def __init__(self, rule: str, why: str, *, member: str = "") -> None:
        at = f": '{member}'" if member else ""
        super().__init__(
            f"Rule {rule}{at}: {why}"[:_LONGEST], param=member or None, code="invalid_rule"
        )


def bad_member(rule: str, error: str) -> BadRule:
    """Return the error for a message of msgspec about a rule's members."""
    problem = located(error)
    what, member = problem
    if name := problem.unknown:
        place = f"{member}.{name}" if member else name
        return BadRule(
            rule, f"there is no such member.{hint(name, _members_at(member))}", member=place
        )
    if word := _WORD.match(what):
        allowed = _words_at(member)
        return BadRule(
            rule,
            f"'{word[1]}' is not one of {', '.join(allowed)}.{hint(word[1], allowed)}",
            member=member,
        )
    if _PATTERN.match(what):
        what = "expected a text without '/' and control characters"
    return BadRule(rule, f"{in_words(what)}.", member=member)


def hint(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?`, or nothing where no known name is near, or begins so."""
    names = list(known)
    begins = (other for other in names if len(name) >= _BEGINNING and other.startswith(name))
    near = nearest(name, names) or next(begins, None)
    return f" Did you mean '{near}'?" if near else ""


def _members_at(place: str) -> list[str]:
    struct = STRUCTS.get(place)
    return [field.encode_name for field in structs.fields(struct)] if struct else []


def _words_at(place: str) -> list[str]:
    head, _, name = place.rpartition(".")
    struct: type[Struct] | None = STRUCTS.get(head)
    if struct is None:
        return []
    kinds = typing.get_type_hints(struct).get(name)
    return [word for kind in (kinds, *typing.get_args(kinds)) for word in _literals(kind)]


def _literals(kind: object) -> list[str]:
    return list(typing.get_args(kind)) if typing.get_origin(kind) is typing.Literal else []
