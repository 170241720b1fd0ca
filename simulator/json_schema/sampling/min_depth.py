"""The least levels of nesting that an instance of a schema needs."""

import math
from collections.abc import Iterator, Mapping

from simulator.budget import Budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.json_values import (
    count_at,
    is_array,
    is_object,
    mapping_at,
    names_at,
    sequence_at,
)
from simulator.json_schema.references import target

NEVER = math.inf
_ROUNDS = 64


class MinDepths:
    """The least depths within one document: the least fixed point, so a recursion without an end is NEVER."""

    def __init__(self, root: Mapping[str, object], budget: Budget) -> None:
        self._root = root
        self._budget = budget
        schemas = {id(schema): schema for schema in self._objects()}
        self._known: dict[int, float] = dict.fromkeys(schemas, NEVER)
        for _ in range(_ROUNDS):
            before = dict(self._known)
            # The innermost first, so that only recursion takes more than two rounds.
            for key, schema in reversed(schemas.items()):
                self._known[key] = self._measured(schema)
            if self._known == before:
                break

    def of(self, schema: object) -> float:
        """Never more than the true depth, so NEVER means that there is no instance."""
        if not is_object(schema):
            return NEVER if schema is False else 0
        known = self._known.get(id(schema))
        # A schema made by merging is not in the document, but what it is made of is.
        return self._measured(schema) if known is None else known

    def _objects(self) -> Iterator[Mapping[str, object]]:
        """All that a reference could point to, schema or not."""
        waiting: list[object] = [self._root]
        while waiting:
            value = waiting.pop()
            if is_object(value):
                yield value
                waiting += value.values()
            elif is_array(value):
                waiting += value

    def _referred(self, schema: Mapping[str, object]) -> object:
        try:
            return target(self._root, schema["$ref"]) if "$ref" in schema else True
        except UnsatisfiableSchema:
            return False

    def _measured(self, schema: Mapping[str, object]) -> float:
        self._budget.work(20 + len(schema))
        parts = [self._own(schema), self.of(self._referred(schema))]
        parts += [self.of(part) for part in sequence_at(schema, "allOf")]
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                branches = sequence_at(schema, keyword)
                parts.append(min(map(self.of, branches), default=NEVER))
        return max(parts)

    def _own(self, schema: Mapping[str, object]) -> float:
        match schema.get("type"):
            case "object":
                properties = mapping_at(schema, "properties")
                needed = [self.of(properties.get(name)) for name in names_at(schema, "required")]
                return 1 + max(needed, default=0)
            case "array":
                return 1 + max(self._needed_items(schema), default=0)
            case _:
                return 0

    def _needed_items(self, schema: Mapping[str, object]) -> Iterator[float]:
        least = count_at(schema, "minItems", 0)
        first = sequence_at(schema, "prefixItems")
        yield from map(self.of, first[:least])
        rest = schema.get("items")
        if least > len(first) and not is_array(rest):
            yield self.of(rest)
