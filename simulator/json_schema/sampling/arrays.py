"""Arrays within the bounds of a schema."""

from collections.abc import Iterator, Mapping, Sequence

from simulator.json_schema.errors import SearchExhausted, UnsatisfiableSchema
from simulator.json_schema.json_values import (
    JsonValue,
    count_at,
    is_array,
    is_object,
    same,
    sequence_at,
)
from simulator.json_schema.sampling.level import Level
from simulator.json_schema.sampling.merging import both

_MOST = 1_000
_USUAL = 16
_UNIT = 8
_ATTEMPTS = 40


def drawn(level: Level, schema: Mapping[str, object], room: float) -> JsonValue:
    """As many items as `room` tokens feed, to at most sixteen, within the bounds."""
    first, rest = _parts(schema)
    count = _count(level, schema, room)
    parts = [*first[:count], *[rest] * (count - len(first))]
    if "contains" in schema:
        parts = _with_contained(schema, parts)
    items: list[JsonValue] = []
    for part in parts:
        item = _item(level, schema, part, items, room / len(parts))
        if item is None:
            break
        items.append(item[0])
    if len(items) < count_at(schema, "minItems", 0):
        raise UnsatisfiableSchema("too few distinct items")
    return items


def _parts(schema: Mapping[str, object]) -> tuple[Sequence[object], object]:
    rest = schema.get("items", True)
    if is_array(rest):  # draft 7
        return rest, schema.get("additionalItems", True)
    return sequence_at(schema, "prefixItems"), rest


def _count(level: Level, schema: Mapping[str, object], room: float) -> int:
    first, rest = _parts(schema)
    least = max(count_at(schema, "minItems", 0), _contained(schema))
    most = count_at(schema, "maxItems", _MOST)
    if least > most or least > _MOST:
        raise UnsatisfiableSchema(f"no array of {least} to {most} items")
    extent = level.extents.of(rest)
    fed = round(room / (extent.fixed + _UNIT * extent.free))
    wished = len(first) + (0 if rest is False else fed)
    if level.hurried(room):
        wished = 0
    elif rest is not False:
        wished = max(1, wished)
    return min(max(least, min(wished, max(_USUAL, len(first)))), most)


def _contained(schema: Mapping[str, object]) -> int:
    return count_at(schema, "minContains", 1) if "contains" in schema else 0


def _with_contained(schema: Mapping[str, object], parts: list[object]) -> list[object]:
    """The last of the items as `contains` has them, so that there are enough."""
    start = len(parts) - _contained(schema)
    return [
        both(part, schema["contains"]) if index >= start else part
        for index, part in enumerate(parts)
    ]


def _item(
    level: Level,
    schema: Mapping[str, object],
    part: object,
    items: Sequence[JsonValue],
    room: float,
) -> tuple[JsonValue] | None:
    """An item that differs from the others if it has to; None if no more is needed, or found."""
    unique = schema.get("uniqueItems") is True
    for item in _candidates(level, part, items, room, unique=unique):
        if not unique or not any(same(item, other) for other in items):
            return (item,)
    return None


def _candidates(
    level: Level, part: object, items: Sequence[JsonValue], room: float, *, unique: bool
) -> Iterator[JsonValue]:
    listed = sequence_at(part, "enum") if is_object(part) else ()
    if unique and listed:
        left = [value for value in listed if not any(same(value, other) for other in items)]
        part = {**part, "enum": left} if is_object(part) else part
    for _ in range(_ATTEMPTS if unique else 1):
        try:
            yield level.below(part, room)
        except SearchExhausted:
            raise
        except UnsatisfiableSchema:
            return
