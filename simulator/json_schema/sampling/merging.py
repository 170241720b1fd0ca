"""One schema from two that both have to hold, as `allOf` and a `$ref` with neighbours ask."""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from simulator.json_schema.conformance import is_additional
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.json_values import (
    canonical,
    is_array,
    is_number,
    is_object,
    mapping_at,
    same,
)
from simulator.json_schema.patterns.matching import Matcher

Schema = Mapping[str, object]


def merge(left: Schema, right: Schema, matcher: Matcher) -> dict[str, object]:
    """The keywords of both; where a keyword cannot be merged, the left one's.

    So what is made from the outcome may still break `right`, and has to be checked against it.
    Raises UnsatisfiableSchema where no value can have both.
    """
    matcher.budget.work(10 + sum(map(_length, (*left.values(), *right.values()))))
    merged = {**right, **left}
    for keyword in left.keys() & right.keys():
        join = _JOINS.get(keyword)
        if join is not None:
            merged[keyword] = join(left[keyword], right[keyword])
    if "properties" in merged:
        merged["properties"] = _properties(left, right, matcher)
    return merged


def _length(value: object) -> int:
    return len(value) if is_array(value) or is_object(value) else 1


def _properties(left: Schema, right: Schema, matcher: Matcher) -> dict[str, object]:
    """Each property's schema; one that only one side declares is additional to the other."""
    ours, theirs = mapping_at(left, "properties"), mapping_at(right, "properties")
    merged: dict[str, object] = {}
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        parts = [declared[name] for declared in (ours, theirs) if name in declared]
        parts += [
            side["additionalProperties"]
            for side in (left, right)
            if "additionalProperties" in side and is_additional(side, name, matcher)
        ]
        merged[name] = parts[0] if len(parts) == 1 else both(*parts)
    return merged


def both(*schemas: object) -> object:
    if any(schema is False for schema in schemas):
        return False
    return {"allOf": [schema for schema in schemas if schema is not True]}


def _types(left: object, right: object) -> object:
    ours, theirs = listed(left), listed(right)
    kept = [name for name in ours if name in theirs or (name == "integer" and "number" in theirs)]
    kept += [name for name in theirs if name == "integer" and "number" in ours and name not in ours]
    if not kept:
        raise UnsatisfiableSchema(f"no value is of type {left} and of type {right}")
    return kept


def listed(value: object) -> Sequence[object]:
    return value if is_array(value) else [value]


def _values(left: object, right: object) -> object:
    allowed = set(map(canonical, listed(right)))
    return [one for one in listed(left) if canonical(one) in allowed]


def _constant(left: object, right: object) -> object:
    if not same(left, right):
        raise UnsatisfiableSchema(f"no value is both {left} and {right}")
    return left


def _least(left: object, right: object) -> object:
    return max(left, right) if is_number(left) and is_number(right) else left


def _most(left: object, right: object) -> object:
    return min(left, right) if is_number(left) and is_number(right) else left


def _step(left: object, right: object) -> object:
    if not (is_number(left) and is_number(right)):
        return left
    one, other = Fraction(str(left)), Fraction(str(right))
    common = Fraction(
        math.lcm(one.numerator, other.numerator), math.gcd(one.denominator, other.denominator)
    )
    return common.numerator if common.denominator == 1 else float(common)


def _union(left: object, right: object) -> object:
    return list(dict.fromkeys([*listed(left), *listed(right)]))


def _prefixes(left: object, right: object) -> object:
    ours, theirs = listed(left), listed(right)
    common = [both(one, other) for one, other in zip(ours, theirs, strict=False)]
    return [*common, *ours[len(common) :], *theirs[len(common) :]]


def _chained(left: object, right: object) -> object:
    return [*listed(left), *listed(right)]


def _by_name(left: object, right: object) -> object:
    if not (is_object(left) and is_object(right)):
        return left
    shared = {name: both(left[name], right[name]) for name in left if name in right}
    return {**left, **right, **shared}


_JOINS: dict[str, Callable[[object, object], object]] = {
    "type": _types,
    "enum": _values,
    "const": _constant,
    "multipleOf": _step,
    "required": _union,
    "prefixItems": _prefixes,
    "allOf": _chained,
    "uniqueItems": lambda left, right: left is True or right is True,
    **dict.fromkeys(
        ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"),
        _least,
    ),
    **dict.fromkeys(
        ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"),
        _most,
    ),
    **dict.fromkeys(("items", "additionalProperties", "propertyNames"), both),
    **dict.fromkeys(("patternProperties", "dependentSchemas"), _by_name),
}
