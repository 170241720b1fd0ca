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
_EXPECTED = re.compile(r"Expected `([\w |]+)`( of length .*| [<>]=? .*)?(?:, got `.*`)?$")


def in_words(problem: str) -> str:
    """Return msgspec's complaint in words; one that is not about a plain type stays as it is."""
    found = _EXPECTED.match(problem)
    if found is None:
        return problem
    kinds = [_KINDS.get(name, "") for name in found[1].split(" | ") if name != "null"]
    return f"expected {' or '.join(kinds)}{found[2] or ''}" if all(kinds) else problem
