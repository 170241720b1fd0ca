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
class Extent:
    """`fixed`: tokens it takes in any case; `free`: its appetite for more."""

    fixed: float
    free: float


_SCALAR = Extent(3, 0)
_TEXT = Extent(2, 1)
_AGAIN = Extent(4, 2)


def key_cost(name: str) -> int:
    return 3 + len(name) // 4


def shares(room: float, extents: list[Extent]) -> list[float]:
    """`room` shared out: to each what it takes, then by appetite; less for each if it is short."""
    fixed = sum(extent.fixed for extent in extents)
    free = sum(extent.free for extent in extents)
    if room <= fixed:
        return [room * extent.fixed / fixed for extent in extents] if fixed else []
    part = (room - fixed) / free if free else 0
    return [extent.fixed + part * extent.free for extent in extents]


class Extents:
    """The extents of the schemas of one document, each found once."""

    def __init__(self, root: Mapping[str, object], budget: Budget) -> None:
        self._root = root
        self._budget = budget
        self._found: dict[int, tuple[object, Extent]] = {}
        self._open: set[int] = set()

    def of(self, schema: object) -> Extent:
        if not is_object(schema):
            return _TEXT
        known = self._found.get(id(schema))
        if known is not None:
            return known[1]
        if id(schema) in self._open or len(self._open) > _DEEPEST:
            return _AGAIN
        self._open.add(id(schema))
        extent = self._measured(schema)
        self._open.discard(id(schema))
        # The schema is kept too, so that its id is not given to another.
        self._found[id(schema)] = (schema, extent)
        return extent

    def _measured(self, schema: Mapping[str, object]) -> Extent:
        self._budget.work(20 + len(schema))
        parts = [
            self.of(p) for key in ("allOf", "anyOf", "oneOf") for p in sequence_at(schema, key)
        ]
        if "$ref" in schema:
            parts.append(self._referred(schema["$ref"]))
        if not parts or "properties" in schema:
            parts.append(self._own(schema))
        return Extent(max(part.fixed for part in parts), max(part.free for part in parts))

    def _referred(self, reference: object) -> Extent:
        try:
            return self.of(target(self._root, reference))
        except UnsatisfiableSchema:
            return _SCALAR

    def _own(self, schema: Mapping[str, object]) -> Extent:
        if "enum" in schema or "const" in schema:
            return _SCALAR
        if "properties" in schema or "additionalProperties" in schema:
            return self._object(schema)
        if "items" in schema or "prefixItems" in schema:
            return self._array(schema)
        return _TEXT if _is_free_text(schema) else _SCALAR

    def _object(self, schema: Mapping[str, object]) -> Extent:
        parts = {name: self.of(part) for name, part in mapping_at(schema, "properties").items()}
        fixed = 2 + sum(key_cost(name) + part.fixed for name, part in parts.items())
        return Extent(fixed, sum(part.free for part in parts.values()))

    def _array(self, schema: Mapping[str, object]) -> Extent:
        first = [self.of(part) for part in sequence_at(schema, "prefixItems")]
        rest = schema.get("items")
        item = self.of(True if is_array(rest) else rest)
        return Extent(2 + item.fixed + sum(part.fixed for part in first), item.free * 3 + 1)


def _is_free_text(schema: Mapping[str, object]) -> bool:
    names = schema.get("type", "string")
    wanted = "string" in names if is_array(names) else names == "string"
    return wanted and "format" not in schema and "pattern" not in schema
