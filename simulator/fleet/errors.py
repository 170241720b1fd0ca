"""The error of a fleet file: one line that says where, what was found, and what was meant."""

from typing import TypeVar

import msgspec

from simulator.fleet.fields import IN_WORDS, STRUCTS
from simulator.storage.followed import UnusableDocument
from simulator.type_problems import described, located

S = TypeVar("S", bound=msgspec.Struct)

_PATTERN = "Expected `str` matching regex "
_LONGEST = 600


class FleetError(UnusableDocument):
    """A mistake at a place of the file; nothing of the file is used."""

    def __init__(self, place: str, problem: str) -> None:
        line = " ".join(f"{place}: {problem}".split())
        super().__init__(line[:_LONGEST])


def converted(value: object, kind: type[S], place: str) -> S:
    """Return the members at a place. Raises `FleetError`."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise FleetError(*_described(str(error), kind, place)) from None


def _described(error: str, kind: type[msgspec.Struct], place: str) -> tuple[str, str]:
    problem = located(error)
    what, path = problem
    where = f"{place}: {path}" if path and place else place or path
    struct = kind if not path else STRUCTS[kind].get(path, kind)
    return where or "the file", _pattern_in_words(what) or described(problem, struct)


def _pattern_in_words(problem: str) -> str | None:
    """Return the complaint about a text that does not match a pattern; None for any other."""
    if not problem.startswith(_PATTERN):
        return None
    meant = {repr(pattern): words for pattern, words in IN_WORDS.items()}
    return f"expected {meant[problem.removeprefix(_PATTERN)]}"
