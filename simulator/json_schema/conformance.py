"""Checks that a value is an instance of a schema.

Not the work of a general validator library: those fetch remote references, overflow the stack on a
reference to itself and match patterns without a bound in time, and a schema here is a stranger's.
Each pair of a value and a schema is compared once, since graphs of references lead to the same pair
by exponentially many routes, and all of it takes from one budget.
Formats are annotations, as in the drafts since 2019; unknown keywords are passed over.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from simulator.budget import Budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.json_values import (
    canonical,
    count_at,
    has_type,
    is_array,
    is_number,
    is_object,
    mapping_at,
    names_at,
    same,
    sequence_at,
)
from simulator.json_schema.numbers import Bounds, is_multiple
from simulator.json_schema.patterns.matching import Matcher
from simulator.json_schema.references import target

_DEEPEST = 100
_MOST_KNOWN = 50_000


@dataclass(frozen=True, slots=True)
class Conformance:
    """Compares values with schemas of the document `root`; `depth` bounds the recursion.

    Raises BudgetExceeded.
    """

    root: Mapping[str, object]
    matcher: Matcher
    depth: int = 0
    _known: dict[tuple[int, int], "_Known"] = field(default_factory=dict[tuple[int, int], "_Known"])

    @property
    def budget(self) -> Budget:
        return self.matcher.budget

    def holds(self, value: object, schema: object) -> bool:
        """True and False as schemas allow everything and nothing; too deep counts as no instance."""
        if not is_object(schema):
            return schema is not False
        if self.depth > _DEEPEST:
            return False
        self.budget.work(10)
        known = self._known.get((id(value), id(schema)))
        return self._compared(value, schema) if known is None else known.holds

    def _compared(self, value: object, schema: Mapping[str, object]) -> bool:
        deeper = replace(self, depth=self.depth + 1)
        holds = all(check(deeper, value, schema) for key, check in _CHECKS.items() if key in schema)
        if len(self._known) < _MOST_KNOWN:
            self._known[id(value), id(schema)] = _Known(holds, value, schema)
        return holds


@dataclass(frozen=True, slots=True)
class _Known:
    """An outcome, with what it is of: as long as both live, their ids are given to nothing else."""

    holds: bool
    value: object
    schema: object


def _reference(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    try:
        return at.holds(value, target(at.root, schema["$ref"]))
    except UnsatisfiableSchema:
        return False


def _type(_: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    names = schema["type"]
    return any(has_type(value, name) for name in (names if is_array(names) else (names,)))


def _bounds(_: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    return not is_number(value) or Bounds.of(schema).hold(value)


def _multiple_of(_: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    step = schema["multipleOf"]
    return not (is_number(value) and is_number(step) and step > 0) or is_multiple(value, step)


def _least(keyword: str, kind: type | tuple[type, ...]) -> "_Check":
    def check(_: Conformance, value: object, schema: Mapping[str, object]) -> bool:
        return not isinstance(value, kind) or _size(value) >= count_at(schema, keyword, 0)

    return check


def _most(keyword: str, kind: type | tuple[type, ...]) -> "_Check":
    def check(_: Conformance, value: object, schema: Mapping[str, object]) -> bool:
        return not isinstance(value, kind) or _size(value) <= count_at(
            schema, keyword, _size(value)
        )

    return check


def _size(value: object) -> int:
    return len(value) if isinstance(value, str) or is_array(value) or is_object(value) else 0


def _pattern(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    return not isinstance(value, str) or at.matcher.matches(str(schema["pattern"]), value)


def _unique(_: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    return schema["uniqueItems"] is not True or not is_array(value) or distinct(value)


def distinct(values: Sequence[object]) -> bool:
    return len(set(map(canonical, values))) == len(values)


def _prefix(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    pairs = zip(value, sequence_at(schema, "prefixItems"), strict=False) if is_array(value) else ()
    return all(at.holds(item, part) for item, part in pairs)


def _items(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    if not is_array(value):
        return True
    parts = schema["items"]
    if is_array(parts):  # draft 7: a list stands for `prefixItems`
        return all(at.holds(item, part) for item, part in zip(value, parts, strict=False))
    return all(at.holds(item, parts) for item in value[len(sequence_at(schema, "prefixItems")) :])


def _contains(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    if not is_array(value):
        return True
    found = sum(at.holds(item, schema["contains"]) for item in value)
    return count_at(schema, "minContains", 1) <= found <= count_at(schema, "maxContains", found)


def _properties(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    parts = mapping_at(schema, "properties")
    return not is_object(value) or all(
        at.holds(item, parts[name]) for name, item in value.items() if name in parts
    )


def _pattern_properties(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    return not is_object(value) or all(
        at.holds(item, part)
        for pattern, part in mapping_at(schema, "patternProperties").items()
        for name, item in value.items()
        if at.matcher.matches(pattern, name)
    )


def is_additional(schema: Mapping[str, object], name: str, matcher: Matcher) -> bool:
    """Return True if a property is neither declared nor matched by a pattern."""
    return name not in mapping_at(schema, "properties") and not any(
        matcher.matches(pattern, name) for pattern in mapping_at(schema, "patternProperties")
    )


def _additional(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    return not is_object(value) or all(
        at.holds(item, schema["additionalProperties"])
        for name, item in value.items()
        if is_additional(schema, name, at.matcher)
    )


def _required(_: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    return not is_object(value) or all(name in value for name in names_at(schema, "required"))


def _names(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    return not is_object(value) or all(at.holds(name, schema["propertyNames"]) for name in value)


def _dependent_required(_: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    needs = mapping_at(schema, "dependentRequired")
    return not is_object(value) or all(
        other in value for name in needs if name in value for other in names_at(needs, name)
    )


def _dependent_schemas(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    parts = mapping_at(schema, "dependentSchemas")
    return not is_object(value) or all(
        at.holds(value, part) for name, part in parts.items() if name in value
    )


def _conditional(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    branch = "then" if at.holds(value, schema["if"]) else "else"
    return at.holds(value, schema.get(branch, True))


def _enum(at: Conformance, value: object, schema: Mapping[str, object]) -> bool:
    values = sequence_at(schema, "enum")
    at.budget.work(len(values))
    return any(same(value, one) for one in values)


_Check = Callable[[Conformance, object, Mapping[str, object]], bool]
_CHECKS: dict[str, _Check] = {
    "$ref": _reference,
    "type": _type,
    "enum": _enum,
    "const": lambda _, value, schema: same(value, schema["const"]),
    "minimum": _bounds,
    "maximum": _bounds,
    "exclusiveMinimum": _bounds,
    "exclusiveMaximum": _bounds,
    "multipleOf": _multiple_of,
    "minLength": _least("minLength", str),
    "maxLength": _most("maxLength", str),
    "pattern": _pattern,
    "minItems": _least("minItems", (list, tuple)),
    "maxItems": _most("maxItems", (list, tuple)),
    "minProperties": _least("minProperties", dict),
    "maxProperties": _most("maxProperties", dict),
    "required": _required,
    "uniqueItems": _unique,
    "prefixItems": _prefix,
    "items": _items,
    "contains": _contains,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _dependent_schemas,
    "allOf": lambda at, value, schema: all(
        at.holds(value, s) for s in sequence_at(schema, "allOf")
    ),
    "anyOf": lambda at, value, schema: any(
        at.holds(value, s) for s in sequence_at(schema, "anyOf")
    ),
    "oneOf": lambda at, value, schema: (
        sum(at.holds(value, s) for s in sequence_at(schema, "oneOf")) == 1
    ),
    "not": lambda at, value, schema: not at.holds(value, schema["not"]),
    "if": _conditional,
}
