"""JSON values as Python has them after decoding, and the narrow doors to them."""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias, TypeGuard, cast

JsonValue: TypeAlias = (
    "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"  # a JSON document
)

NOTHING: Mapping[str, object] = MappingProxyType({})
_DEEPEST = 150
TYPES = ("string", "integer", "number", "boolean", "object", "array", "null")


def is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def is_array(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)


def is_number(value: object) -> TypeGuard[int | float]:
    """A finite number; 1e999 decodes to one that is not, and bounds nothing."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def is_integer(value: object) -> bool:
    """An integer in the sense of JSON Schema, to which 2.0 belongs."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


def as_object(value: object) -> Mapping[str, object]:
    """The value, or an empty object if it is of another type."""
    return value if is_object(value) else NOTHING


def mapping_at(schema: Mapping[str, object], keyword: str) -> Mapping[str, object]:
    return as_object(schema.get(keyword))


def sequence_at(schema: Mapping[str, object], keyword: str) -> Sequence[object]:
    value = schema.get(keyword)
    return value if is_array(value) else ()


def names_at(schema: Mapping[str, object], keyword: str) -> list[str]:
    return [name for name in sequence_at(schema, keyword) if isinstance(name, str)]


def count_at(schema: Mapping[str, object], keyword: str, default: int) -> int:
    value = schema.get(keyword)
    return int(value) if is_number(value) else default


def has_type(value: object, name: object) -> bool:
    match name:
        case "integer":
            return is_integer(value)
        case "number":
            return is_number(value)
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return is_array(value)
        case "object":
            return is_object(value)
        case _:
            return name == "null" and value is None


def same(left: object, right: object) -> bool:
    """Equality of JSON: 1 is 1.0, and neither is true."""
    if is_array(left) and is_array(right):
        return len(left) == len(right) and all(map(same, left, right))
    if is_object(left) and is_object(right):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def canonical(value: object) -> Hashable:
    """A key that two values share if they are the same JSON; found in time linear in their size."""
    if is_array(value):
        return ("array", tuple(map(canonical, value)))
    if is_object(value):
        return ("object", frozenset((key, canonical(item)) for key, item in value.items()))
    return (isinstance(value, bool), value)


def nests_deeply(value: object) -> bool:
    """Return True if the document is so deep that working on it could overflow the stack."""
    layer = [value]
    for _ in range(_DEEPEST):
        layer = [item for part in layer for item in _items(part)]
    return bool(layer)


def _items(value: object) -> Iterable[object]:
    if is_object(value):
        return value.values()
    return value if is_array(value) else ()


def plain(value: object) -> JsonValue:
    """A copy that shares nothing with the schema it was taken from."""
    if is_object(value):
        return {key: plain(item) for key, item in value.items()}
    if is_array(value):
        return [plain(item) for item in value]
    return cast("JsonValue", value)
