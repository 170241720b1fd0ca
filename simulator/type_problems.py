"""Complaints of msgspec about a value in a file: their place, and what people would say."""

import re
from typing import NamedTuple

import msgspec

from simulator.suggestions import did_you_mean

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
_EXPECTED = re.compile(r"Expected `([\w |]+)`( of length .*| [<>]=? .*)?(?:, got `.*`)?$")
_LOCATED = re.compile(r"^(?P<what>.*?)(?: - at (?:`key` in )?`\$\.?(?P<place>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
_PATTERN = re.compile(r"Expected `str` matching regex '(.*)'$")
_MISSING = re.compile(r"Object missing required field `(.+)`")


class Problem(NamedTuple):
    """A complaint, and its place: "" for the whole document."""

    what: str
    place: str

    @property
    def unknown(self) -> str | None:
        """The name of the member that is not known, if that is the complaint."""
        found = _UNKNOWN.match(self.what)
        return found[1] if found else None


def located(message: str) -> Problem:
    """Return the two parts of msgspec's message."""
    found = _LOCATED.match(message)
    return Problem(found["what"], found["place"] or "") if found else Problem(message, "")


def in_words(problem: str) -> str:
    """Return msgspec's complaint in words; one about another type than the plain ones stays as it is."""
    if missing := _MISSING.match(problem):
        return f"{missing[1]!r} is missing"
    if pattern := _PATTERN.match(problem):
        return f"expected text that matches {pattern[1]}"
    found = _EXPECTED.match(problem)
    if found is None:
        return problem
    kinds = [_KINDS.get(name, "") for name in found[1].split(" | ") if name != "null"]
    return f"expected {' or '.join(kinds)}{found[2] or ''}" if all(kinds) else problem


def in_document(error: Exception, struct: type[msgspec.Struct]) -> str:
    """Return one line on an error of decoding: its place in the document, and the complaint."""
    if not isinstance(error, msgspec.ValidationError):
        return f"not JSON: {error}"
    problem = located(str(error))
    where = f"{problem.place}: " if problem.place else ""
    return f"{where}{described(problem, struct)}"


def described(problem: Problem, struct: type[msgspec.Struct]) -> str:
    """Return msgspec's complaint about a member in words, with the member that was probably meant."""
    if problem.unknown is None:
        return in_words(problem.what)
    known = [field.encode_name for field in msgspec.structs.fields(struct)]
    return f"no such member {problem.unknown[:64]!r}; {did_you_mean(problem.unknown, known)}"
