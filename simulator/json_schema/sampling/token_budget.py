"""The lengths of a schema's instances: the usual one, and the appetite for more.

Lengths are rough tokens of JSON text: enough to share out a wished size, never to count.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.budget import Budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.json_values import is_array, is_object, mapping_at, sequence_at
from simulator.json_schema.references import target

_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Length:
    """`fixed`: tokens it takes in any case; `free`: its appetite for more."""

    fixed: float
    free: float


_SCALAR = Length(3, 0)
_TEXT = Length(2, 1)
_AGAIN = Length(4, 2)


def key_cost(name: str) -> int:
    return 3 + len(name) // 4


def shares(room: float, lengths: list[Length]) -> list[float]:
    """`room` shared out: to each what it takes, then by appetite; less for each if it is short."""
    fixed = sum(length.fixed for length in lengths)
    free = sum(length.free for length in lengths)
    if room <= fixed:
        return [room * length.fixed / fixed for length in lengths] if fixed else []
    part = (room - fixed) / free if free else 0
    return [length.fixed + part * length.free for length in lengths]


class Lengths:
    """The lengths of the schemas of one document, each found once."""

    def __init__(self, root: Mapping[str, object], budget: Budget) -> None:
        self._root = root
        self._budget = budget
        self._found: dict[int, tuple[object, Length]] = {}
        self._open: set[int] = set()

    def of(self, schema: object) -> Length:
        if not is_object(schema):
            return _TEXT
        known = self._found.get(id(schema))
        if known is not None:
            return known[1]
        if id(schema) in self._open or len(self._open) > _DEEPEST:
            return _AGAIN
        self._open.add(id(schema))
        length = self._measured(schema)
        self._open.discard(id(schema))
        # The schema is kept too, so that its id is not given to another.
        self._found[id(schema)] = (schema, length)
        return length

    def _measured(self, schema: Mapping[str, object]) -> Length:
        self._budget.work(20 + len(schema))
        parts = [
            self.of(p) for key in ("allOf", "anyOf", "oneOf") for p in sequence_at(schema, key)
        ]
        if "$ref" in schema:
            parts.append(self._referred(schema["$ref"]))
        if not parts or "properties" in schema:
            parts.append(self._own(schema))
        return Length(max(part.fixed for part in parts), max(part.free for part in parts))

    def _referred(self, reference: object) -> Length:
        try:
            return self.of(target(self._root, reference))
        except UnsatisfiableSchema:
            return _SCALAR

    def _own(self, schema: Mapping[str, object]) -> Length:
        if "enum" in schema or "const" in schema:
            return _SCALAR
        if "properties" in schema or "additionalProperties" in schema:
            return self._object(schema)
        if "items" in schema or "prefixItems" in schema:
            return self._array(schema)
        return _TEXT if _is_free_text(schema) else _SCALAR

    def _object(self, schema: Mapping[str, object]) -> Length:
        parts = {name: self.of(part) for name, part in mapping_at(schema, "properties").items()}
        fixed = 2 + sum(key_cost(name) + part.fixed for name, part in parts.items())
        return Length(fixed, sum(part.free for part in parts.values()))

    def _array(self, schema: Mapping[str, object]) -> Length:
        first = [self.of(part) for part in sequence_at(schema, "prefixItems")]
        rest = schema.get("items")
        item = self.of(True if is_array(rest) else rest)
        return Length(2 + item.fixed + sum(part.fixed for part in first), item.free * 3 + 1)


def _is_free_text(schema: Mapping[str, object]) -> bool:
    names = schema.get("type", "string")
    wanted = "string" in names if is_array(names) else names == "string"
    return wanted and "format" not in schema and "pattern" not in schema
