r"""Checks that a value is a JSON schema, in the real service's words.

The real service checks with a Python validator, whose words its messages carry ("[] is not of type
'object', 'boolean'", "None is not of type 'array'", "'any' is not valid under any of the given
schemas", "'\p{L}' is not a 'regex'": reported by users between 2024-07 and 2026-06). Those words
are made here for the keywords of JSON Schema 2020-12; unknown keywords are passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.json_schema.json_values import TYPES, has_type, is_array, is_number, is_object
from simulator.json_schema.patterns.parsing import is_pattern

_DEEPEST = 200
_EXPECTED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"), ("object",)
    ),
    **dict.fromkeys(
        ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"),
        ("object", "boolean"),
    ),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems", "required", "enum"), ("array",)),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), ("number",)
    ),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        ("integer",),
    ),
    **dict.fromkeys(("$ref", "pattern", "format", "title", "description"), ("string",)),
    "uniqueItems": ("boolean",),
}
_BY_NAME = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_DEFINING = ("$defs", "definitions")
_NESTING = ("properties", "patternProperties", "additionalProperties", "items", "prefixItems")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = (
    "items",
    "additionalProperties",
    "propertyNames",
    "contains",
    "not",
    "if",
    "then",
    "else",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A value where a schema belongs: the keys that lead to it, and the objects and arrays passed."""

    context: tuple[str, ...]
    schema: object
    levels: int = 0

    def part(self, schema: object, *keys: str) -> "Place":
        nests = keys[0] in _NESTING
        levels = 0 if keys[0] in _DEFINING else self.levels + nests
        return Place((*self.context, *keys), schema, levels)


def schemas(root: object) -> Iterator[Place]:
    """The schema and those in it, each before its parts, in the order of the document."""
    waiting = [Place((), root)]
    while waiting:
        place = waiting.pop()
        yield place
        if len(place.context) < _DEEPEST:
            waiting += reversed(list(_parts(place)))


def _parts(place: Place) -> Iterator[Place]:
    if not is_object(place.schema):
        return
    for key, value in place.schema.items():
        if key in _BY_NAME and is_object(value):
            yield from (place.part(part, key, name) for name, part in value.items())
        elif key in _LISTS and is_array(value):
            yield from (place.part(part, key, str(index)) for index, part in enumerate(value))
        elif key in _SINGLE and not isinstance(value, bool):
            yield place.part(value, key)


def fault(schema: object) -> str | None:
    """Return the reason why `schema` is not a JSON schema; None if it is one."""
    return next((message for place in schemas(schema) for message in _faults(place.schema)), None)


def _faults(schema: object) -> Iterator[str]:
    if isinstance(schema, bool):
        return
    if not is_object(schema):
        yield f"{schema!r} is not of type 'object', 'boolean'"
        return
    for key, value in schema.items():
        expected = _EXPECTED.get(key, ())
        if expected and not any(has_type(value, name) for name in expected):
            yield f"{value!r} is not of type {', '.join(map(repr, expected))}"
        yield from _fault_of(key, value)


def _fault_of(key: str, value: object) -> Iterator[str]:
    match key:
        case "type" if not _names_types(value):
            yield f"{value!r} is not valid under any of the given schemas"
        case "pattern" if isinstance(value, str) and not is_pattern(value):
            yield f"{value!r} is not a 'regex'"
        case "allOf" | "anyOf" | "oneOf" | "prefixItems" if is_array(value) and not value:
            yield f"{value!r} should be non-empty"
        case "multipleOf" if is_number(value) and value <= 0:
            yield f"{value!r} is less than or equal to the minimum of 0"
        case "required" if is_array(value):
            yield from _fault_of_names(value)
        case _ if _EXPECTED.get(key) == ("integer",) and is_number(value) and value < 0:
            yield f"{value!r} is less than the minimum of 0"
        case _:
            pass


def _fault_of_names(names: object) -> Iterator[str]:
    listed = list(names) if is_array(names) else []
    yield from (f"{name!r} is not of type 'string'" for name in listed if not isinstance(name, str))
    if len(set(map(repr, listed))) != len(listed):
        yield f"{listed!r} has non-unique elements"


def _names_types(value: object) -> bool:
    if is_array(value):
        known = bool(value) and all(name in TYPES for name in value)
        return known and len(set(map(repr, value))) == len(value)
    return value in TYPES
