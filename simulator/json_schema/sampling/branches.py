"""A schema without branches from one with them: `$ref` followed, `allOf` merged, one of `anyOf`."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.json_values import is_object, sequence_at
from simulator.json_schema.patterns.matching import Matcher
from simulator.json_schema.references import target
from simulator.json_schema.sampling.merging import both, merge
from simulator.json_schema.sampling.min_depth import NEVER, MinDepths

_BRANCHING = ("$ref", "allOf", "anyOf", "oneOf", "if", "then", "else")
_FURTHEST = 30


@dataclass(slots=True)
class Branches:
    """The branches taken while one value is drawn: each once before any is drawn again."""

    root: Mapping[str, object]
    rng: random.Random
    min_depths: MinDepths
    hurried: bool
    matcher: Matcher
    _waiting: dict[tuple[int, int], list[object]] = field(
        default_factory=dict[tuple[int, int], list[object]]
    )
    _flat: dict[int, tuple[object, Mapping[str, object]]] = field(
        default_factory=dict[int, tuple[object, Mapping[str, object]]]
    )

    def pick(self, branches: Sequence[object], hops: int) -> object:
        """The shallowest first when hurried; else any, but those without an end last."""
        if not branches:
            raise UnsatisfiableSchema("a choice without branches")
        key = (id(branches), hops)
        if key not in self._waiting:
            order = list(branches)
            self.rng.shuffle(order)
            order.sort(key=self._rank, reverse=True)
            self._waiting[key] = order
        waiting = self._waiting[key]
        return waiting.pop() if waiting else self.rng.choice(branches)

    def _rank(self, branch: object) -> float:
        min_depth = self.min_depths.of(branch)
        return min_depth if self.hurried else float(min_depth == NEVER)

    def flat(self, schema: object, hops: int = 0) -> Mapping[str, object]:
        """The keywords that hold once the branches are chosen.

        Raises UnsatisfiableSchema where they contradict each other, or follow references in circles.
        """
        if schema is False or hops > _FURTHEST:
            raise UnsatisfiableSchema("the schema refers to itself or to nothing")
        if not is_object(schema):
            return {}
        if hops == 0:
            self._flat.clear()
        if id(schema) not in self._flat:
            # Met again in the same document, it is the same: two draws of it would contradict.
            self._flat[id(schema)] = schema, self._merged(schema, hops)
        return self._flat[id(schema)][1]

    def _merged(self, schema: Mapping[str, object], hops: int) -> Mapping[str, object]:
        merged: Mapping[str, object] = {
            key: value for key, value in schema.items() if key not in _BRANCHING
        }
        for part in self._parts(schema, hops):
            merged = merge(merged, self.flat(part, hops + 1), self.matcher)
        return merged

    def _parts(self, schema: Mapping[str, object], hops: int) -> list[object]:
        parts = [*sequence_at(schema, "allOf")]
        if "$ref" in schema:
            parts.insert(0, target(self.root, schema["$ref"]))
        parts += [
            self.pick(sequence_at(schema, keyword), hops)
            for keyword in ("anyOf", "oneOf")
            if keyword in schema
        ]
        if "if" in schema:
            holds = both(schema["if"], schema.get("then", True))
            parts.append(self.rng.choice((holds, schema.get("else", True))))
        return parts
