"""`$filter` and `$orderby` of a list of batches, as far as Microsoft's page on batches shows them."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.errors import InvalidRequest

LONGEST = 1_000
"""Characters of either."""
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_TERM = re.compile(r"(created_at|status)\s+(eq|ne|gt|ge|lt|le)\s+(\d{1,15}|'[A-Za-z_]{1,20}')")
_ORDER = re.compile(r"created_at(?:\s+(asc|desc))?")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


@dataclass(frozen=True, slots=True)
class Term:
    """A comparison of one member of a batch with a number or a state."""

    member: str
    comparison: str
    value: int | str

    def may_hold(self, created: float) -> bool:
        """Return False where the moment of the creation alone says that it does not hold."""
        return self.member != "created_at" or self.holds({"created_at": int(created)})

    def holds(self, batch: Mapping[str, object]) -> bool:
        found = batch[self.member]
        return _COMPARE[self.comparison](found, self.value)


def terms_of(text: str) -> tuple[Term, ...]:
    """The terms of a filter, all of which have to hold."""
    if not text.strip():
        return ()
    if len(text) > LONGEST:
        raise _bad("$filter", text)
    return tuple(_term(part, text) for part in _AND.split(text.strip()))


def _term(part: str, text: str) -> Term:
    found = _TERM.fullmatch(part.strip())
    if found is None:
        raise _bad("$filter", text)
    member, comparison, value = found.groups()
    named = value.startswith("'")
    if named is (member == "created_at") or (named and comparison not in ("eq", "ne")):
        raise _bad("$filter", text)
    return Term(member, comparison, _state(value.strip("'")) if named else int(value))


def _state(name: str) -> str:
    """Its name as batches show it: Microsoft's example has `Completed`, and `InProgress` is likely."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def descending(text: str) -> bool:
    """Return whether the newest batch comes first."""
    if not text.strip():
        return True
    found = _ORDER.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if found is None:
        raise _bad("$orderby", text)
    return found[1] == "desc"


def _bad(name: str, text: str) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid '{name}': '{text[:100]}'. It may compare created_at and status, joined by 'and', "
        "or order by created_at.",
        param=name,
        code="invalid_value",
    )
