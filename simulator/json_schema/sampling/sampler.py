"""An instance of a JSON schema, drawn at random.

Drawn by these rules: a branch of `anyOf` and `oneOf`, a value of `enum` and a type of a list each with
equal chance (null one in eight); three of four optional properties. Below six levels, and where a schema
recurs, the shortest branch.

The length wished for is in tokens of JSON text. The tokens of keys, numbers and formats go off first; the
rest is shared out among free strings (those without `enum`, `const`, `format` and `pattern`), arrays and
objects by their appetite: a string has one part, an object the sum of its properties', an array three times
its item's. A string becomes words of its share, an array as many items as its share feeds, to at most
sixteen, within `minItems` and `maxItems`. So the outcome is roughly of that length, where the schema leaves
room for it.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from simulator.budget import Budget, BudgetExceeded
from simulator.json_schema.conformance import Conformance
from simulator.json_schema.errors import SearchExhausted, UnsatisfiableSchema
from simulator.json_schema.json_values import (
    TYPES,
    JsonValue,
    is_object,
    nests_deeply,
    plain,
    sequence_at,
)
from simulator.json_schema.numbers import integer, number
from simulator.json_schema.patterns.matching import Matcher
from simulator.json_schema.sampling import arrays, guidance, objects
from simulator.json_schema.sampling.branches import Branches
from simulator.json_schema.sampling.level import Level, Steps
from simulator.json_schema.sampling.merging import listed
from simulator.json_schema.sampling.min_depth import MinDepths
from simulator.json_schema.sampling.strings import Words, string
from simulator.json_schema.sampling.token_budget import Lengths

_DEEPEST = 24
_STEPS = 20_000
_ATTEMPTS = 12
_ATTEMPT = 4
# Attempts in which hints have a part: what is merged from branches may contradict them.
_GUIDED_ATTEMPTS = 4
# Keywords that the draw only aims at, so that what was drawn is checked against them.
_AIMED_AT = {
    *("allOf", "anyOf", "oneOf", "not", "if", "$ref"),
    *("dependentSchemas", "patternProperties", "propertyNames", "contains"),
}
_SUGGESTED = frozenset(("string", "integer", "number"))
_HINTS = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def instance(
    schema: Mapping[str, object],
    rng: random.Random,
    words: Words,
    budget: Budget,
    *,
    size: int = 100,
    guided: bool = False,
) -> JsonValue:
    """A value that validates against `schema`; the same `rng` draws the same one.

    `size` is the length wished for, in tokens of JSON text; free strings are made of `words`.
    `guided`: a value is one of `examples`, else `default`, else what the property's name and
    description suggest; free strings have a few words, and arrays of no bounds up to four items.

    Raises UnsatisfiableSchema for a schema that has no instance, none within the bounds (24 levels,
    strings of 20,000 characters, 1,000 items), or none that was found in a bounded search, nor
    within the `budget`.
    """
    if nests_deeply(schema):
        raise UnsatisfiableSchema("the schema itself is nested too deeply")
    try:
        return _value(_top(schema, rng, words, budget, guided=guided), schema, size)
    except BudgetExceeded as error:
        raise SearchExhausted(f"no instance found, {error.what}") from None
    except (OverflowError, RecursionError):
        raise UnsatisfiableSchema("its numbers or its nesting are beyond all bounds") from None


def _top(
    schema: Mapping[str, object], rng: random.Random, words: Words, budget: Budget, *, guided: bool
) -> Level:
    return Level(
        root=schema,
        rng=rng,
        words=words,
        lengths=Lengths(schema, budget),
        min_depths=MinDepths(schema, budget),
        conformance=Conformance(schema, Matcher(budget)),
        steps=Steps(_STEPS),
        sample=_value,
        guided=guided,
    )


def _value(level: Level, schema: object, room: float) -> JsonValue:
    level.steps.take()
    if level.depth + level.min_depths.of(schema) > _DEEPEST:
        raise UnsatisfiableSchema(f"no instance of at most {_DEEPEST} levels")
    if not is_object(schema):
        return _flat(level, {}, room)
    if not schema.keys() & _AIMED_AT:
        return _flat(level, schema, room)
    branches = Branches(
        level.root, level.rng, level.min_depths, level.hurried(room), level.conformance.matcher
    )
    return _attempt(level, schema, room, branches)


def _attempt(
    level: Level, schema: Mapping[str, object], room: float, branches: Branches
) -> JsonValue:
    failure = UnsatisfiableSchema("none of the values drawn is an instance")
    alternatives = sum(len(sequence_at(schema, keyword)) for keyword in ("anyOf", "oneOf"))
    for attempt in range(_ATTEMPTS + alternatives):
        level.steps.take(_ATTEMPT)
        guided = level.guided and attempt < _GUIDED_ATTEMPTS
        try:
            drawn = _flat(replace(level, guided=guided), branches.flat(schema), room)
        except SearchExhausted:
            raise
        except UnsatisfiableSchema as error:
            failure = error
            continue
        if level.conformance.holds(drawn, schema):
            return drawn
    raise failure


def _flat(level: Level, schema: Mapping[str, object], room: float) -> JsonValue:
    if level.guided and (own := guidance.given(schema, level.rng, level.conformance)):
        return own[0]
    if "const" in schema or "enum" in schema:
        return _listed(level, schema)
    failure = UnsatisfiableSchema("the schema allows no type")
    for name in _types(level, schema):
        try:
            return _of_type(level, name, schema, room)
        except SearchExhausted:
            raise
        except UnsatisfiableSchema as error:
            failure = error
    raise failure


def _listed(level: Level, schema: Mapping[str, object]) -> JsonValue:
    values = [schema["const"]] if "const" in schema else sequence_at(schema, "enum")
    fitting = [value for value in values if level.conformance.holds(value, schema)]
    if not fitting:
        raise UnsatisfiableSchema("no value of the enum fits the rest of the schema")
    return plain(level.rng.choice(fitting))


def _types(level: Level, schema: Mapping[str, object]) -> Sequence[object]:
    """The types allowed, in the order to try them."""
    if "type" not in schema:
        hinted = [name for name, words in _HINTS.items() if any(w in schema for w in words)]
        return list(dict.fromkeys([*hinted, *TYPES]))
    names = [name for name in listed(schema["type"]) if name in TYPES]
    level.rng.shuffle(names)
    if "null" in names and level.rng.random() > 1 / 8:
        names.sort(key=lambda name: name == "null")
    return names


def _of_type(level: Level, name: object, schema: Mapping[str, object], room: float) -> JsonValue:
    words = level.words
    if level.guided and name in _SUGGESTED:
        own = guidance.suggested(schema, level.name, name, level.rng, level.conformance)
        if own:
            return own[0]
        words = guidance.brief(schema, level.name, words)
    match name:
        case "string":
            return string(schema, level.rng, words, level.conformance.matcher, room=int(room))
        case "object":
            return objects.drawn(level, schema, room)
        case "array":
            return arrays.drawn(level, schema, room)
        case _:
            return _SIMPLE[str(name)](schema, level.rng)


_SIMPLE: dict[str, Callable[[Mapping[str, object], random.Random], JsonValue]] = {
    "integer": integer,
    "number": number,
    "boolean": lambda _, rng: rng.random() < 1 / 2,
    "null": lambda _schema, _rng: None,
}
