"""Following `$ref` inside one document; nothing is ever fetched."""

import urllib.parse
from collections.abc import Mapping

from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.json_values import is_array, is_object


def target(root: Mapping[str, object], reference: object) -> object:
    """The schema that `reference` (`#`, or `#` and a JSON pointer) names.

    Raises UnsatisfiableSchema for a reference to elsewhere or to nothing.
    """
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        raise UnsatisfiableSchema(f"reference {reference!r} does not point into the schema")
    found: object = root
    for part in urllib.parse.unquote(reference).split("/")[1:]:
        found = _step(found, part.replace("~1", "/").replace("~0", "~"))
    if not isinstance(found, bool) and not is_object(found):
        raise UnsatisfiableSchema(f"reference {reference!r} points to nothing")
    return found


def _step(value: object, part: str) -> object:
    if is_object(value):
        return value.get(part)
    if is_array(value) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    return None
