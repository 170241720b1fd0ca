"""Arrays within the bounds of a schema."""

from collections.abc import Hashable, Iterator, Mapping, Sequence

from simulator.json_schema.errors import SearchExhausted, UnsatisfiableSchema
from simulator.json_schema.json_values import (
    JsonValue,
    canonical,
    count_at,
    is_array,
    is_object,
    plain,
    sequence_at,
)
from simulator.json_schema.sampling.level import Level
from simulator.json_schema.sampling.merging import both

_MOST = 1_000
"""Items, whatever the schema asks for."""
_USUAL = 16
_USUAL_GUIDED = 4
"""Items, where `guided` says that they are to be few."""
_UNIT = 8
"""Tokens that feed one part of an item's appetite."""
_ATTEMPTS = 40
_FLAT = ("string", "integer", "number", "boolean")
"""Draws of an item that has to differ from those before it."""


def drawn(level: Level, schema: Mapping[str, object], room: float) -> JsonValue:
    """Draw as many items as `room` tokens feed, to at most sixteen, within the bounds."""
    first, rest = _parts(schema)
    count = _count(level, schema, room)
    parts = [*first[:count], *[rest] * (count - len(first))]
    if "contains" in schema:
        parts = _with_contained(schema, parts)
    items: list[JsonValue] = []
    distinct = _Distinct() if schema.get("uniqueItems") is True else None
    for part in parts:
        item = _item(level, part, distinct, room / len(parts))
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
    length = level.lengths.of(rest)
    fed = round(room / (length.fixed + _UNIT * length.free))
    wished = len(first) + (0 if rest is False else fed)
    if level.hurried(room):
        wished = int(level.guided and _is_flat(rest))
    elif rest is not False:
        wished = max(1, wished)
    usual = _USUAL_GUIDED if level.guided else _USUAL
    return min(max(least, min(wished, max(usual, len(first)))), most)


def _is_flat(schema: object) -> bool:
    """Return True for a schema of single values, one of which is a better list than none."""
    return is_object(schema) and schema.get("type") in _FLAT


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
    level: Level, part: object, distinct: "_Distinct | None", room: float
) -> tuple[JsonValue] | None:
    """An item that differs from the others if it has to; None if no more is needed, or found."""
    if distinct is None:
        return next(((item,) for item in _below(level, part, room, 1)), None)
    for item in distinct.candidates(level, part, room):
        if distinct.add(item):
            return (item,)
    return None


class _Distinct:
    """The items of an array so far, all different, and what is left of each enum that they are of."""

    def __init__(self) -> None:
        self._seen: set[Hashable] = set()
        self._left: dict[int, list[object]] = {}

    def add(self, item: JsonValue) -> bool:
        before = len(self._seen)
        self._seen.add(canonical(item))
        return len(self._seen) > before

    def candidates(self, level: Level, part: object, room: float) -> Iterator[JsonValue]:
        if not is_object(part) or "enum" not in part:
            yield from _below(level, part, room, _ATTEMPTS)
            return
        left = self._left.get(id(part))
        if left is None:
            left = [
                value for value in sequence_at(part, "enum") if level.conformance.holds(value, part)
            ]
            level.rng.shuffle(left)
            self._left[id(part)] = left
        while left:
            yield plain(left.pop())


def _below(level: Level, part: object, room: float, attempts: int) -> Iterator[JsonValue]:
    for attempt in range(attempts):
        drawn_at = level.unguided() if attempt > attempts // 2 else level
        try:
            yield drawn_at.below(part, room)
        except SearchExhausted:
            raise
        except UnsatisfiableSchema:
            return
