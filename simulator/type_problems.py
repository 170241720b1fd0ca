"""Complaints of msgspec about a value in a file: their place, and what people would say."""

import re
from typing import NamedTuple

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
    """Return msgspec's complaint in words; one that is not about a plain type stays as it is."""
    found = _EXPECTED.match(problem)
    if found is None:
        return problem
    kinds = [_KINDS.get(name, "") for name in found[1].split(" | ") if name != "null"]
    return f"expected {' or '.join(kinds)}{found[2] or ''}" if all(kinds) else problem
