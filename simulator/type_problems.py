"""Complaints about the type of a value in a file, as people would say them."""

import re

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
_EXPECTED = re.compile(r"Expected `(\w+)(?: \| null)?`( of length .*| [<>]=? .*)?(?:, got `.*`)?$")


def in_words(problem: str) -> str:
    """Return msgspec's complaint in words; one that is not about a plain type stays as it is."""
    found = _EXPECTED.match(problem)
    kind = _KINDS.get(found[1]) if found else None
    return f"expected {kind}{found[2] or ''}" if found and kind else problem
