"""An instance of a JSON schema, drawn at random."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

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
from simulator.json_schema.sampling.branches import Choices
from simulator.json_schema.sampling.merging import listed
from simulator.json_schema.sampling.min_depth import Heights
from simulator.json_schema.sampling.strings import Words, string
from simulator.json_schema.sampling.token_budget import Extents

_DEEPEST = 24
_SHALLOW = 6
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

    Drawn by these rules: a branch of `anyOf` and `oneOf`, a value of `enum` and a type of a list
    each with equal chance (null one in eight); three of four optional properties. Below six levels,
    and where a schema recurs, the shortest branch.

    `guided`: a value is one of `examples`, else `default`, else what the property's name and
    description suggest; free strings have a few words, and arrays of no bounds up to four items.

    `size` is the length wished for, in tokens of JSON text. The tokens of keys, numbers and formats
    go off first; the rest is shared out among free strings (those without `enum`, `const`, `format`
    and `pattern`), arrays and objects by their appetite: a string has one part, an object the sum
    of its properties', an array three times its item's. A string becomes `words` of its share, an
    array as many items as its share feeds, to at most sixteen, within `minItems` and `maxItems`. So
    the outcome is roughly of that length, where the schema leaves room for it.

    Raises UnsatisfiableSchema for a schema that has no instance, none within the bounds (24 levels,
    strings of 20,000 characters, 1,000 items), or none that was found in a bounded search, nor
    within the `budget`.
    """
    if nests_deeply(schema):
        raise UnsatisfiableSchema("the schema itself is nested too deeply")
    try:
        return _draw(schema, rng, words, budget, guided=guided).value(schema, size)
    except BudgetExceeded as error:
        raise SearchExhausted(f"no instance found, {error.what}") from None
    except (OverflowError, RecursionError):
        raise UnsatisfiableSchema("its numbers or its nesting are beyond all bounds") from None


def _draw(
    schema: Mapping[str, object], rng: random.Random, words: Words, budget: Budget, *, guided: bool
) -> "Draw":
    return Draw(
        root=schema,
        rng=rng,
        words=words,
        extents=Extents(schema, budget),
        heights=Heights(schema, budget),
        conformance=Conformance(schema, Matcher(budget)),
        steps=Steps(_STEPS),
        guided=guided,
    )


class Steps:
    """The steps left of a bounded search."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise SearchExhausted("no instance found in a bounded search")


@dataclass(frozen=True, slots=True)
class Draw:
    """The drawing of one document, at one of its levels; `name` is the property's that is drawn."""

    root: Mapping[str, object]
    rng: random.Random
    words: Words
    extents: Extents
    heights: Heights
    conformance: Conformance
    steps: Steps
    depth: int = 0
    guided: bool = False
    name: str = ""

    def hurried(self, room: float) -> bool:
        """Deep or short enough to leave out what is optional."""
        return self.depth >= _SHALLOW or room < 1

    def below(self, schema: object, room: float, name: str | None = None) -> JsonValue:
        inner = self.name if name is None else name
        return replace(self, depth=self.depth + 1, name=inner).value(schema, room)

    def unguided(self) -> "Draw":
        return replace(self, guided=False)

    def value(self, schema: object, room: float) -> JsonValue:
        self.steps.take()
        if self.depth + self.heights.of(schema) > _DEEPEST:
            raise UnsatisfiableSchema(f"no instance of at most {_DEEPEST} levels")
        if not is_object(schema):
            return self._flat({}, room)
        if not schema.keys() & _AIMED_AT:
            return self._flat(schema, room)
        choices = Choices(
            self.root, self.rng, self.heights, self.hurried(room), self.conformance.matcher
        )
        return self._attempt(schema, room, choices)

    def _attempt(self, schema: Mapping[str, object], room: float, choices: Choices) -> JsonValue:
        failure = UnsatisfiableSchema("none of the values drawn is an instance")
        branches = sum(len(sequence_at(schema, keyword)) for keyword in ("anyOf", "oneOf"))
        for attempt in range(_ATTEMPTS + branches):
            self.steps.take(_ATTEMPT)
            guided = self.guided and attempt < _GUIDED_ATTEMPTS
            try:
                drawn = replace(self, guided=guided)._flat(choices.flat(schema), room)  # noqa: SLF001 - its own class
            except SearchExhausted:
                raise
            except UnsatisfiableSchema as error:
                failure = error
                continue
            if self.conformance.holds(drawn, schema):
                return drawn
        raise failure

    def _flat(self, schema: Mapping[str, object], room: float) -> JsonValue:
        if self.guided and (own := guidance.given(schema, self.rng, self.conformance)):
            return own[0]
        if "const" in schema or "enum" in schema:
            return self._listed(schema)
        failure = UnsatisfiableSchema("the schema allows no type")
        for name in self._types(schema):
            try:
                return self._of_type(name, schema, room)
            except SearchExhausted:
                raise
            except UnsatisfiableSchema as error:
                failure = error
        raise failure

    def _listed(self, schema: Mapping[str, object]) -> JsonValue:
        values = [schema["const"]] if "const" in schema else sequence_at(schema, "enum")
        fitting = [value for value in values if self.conformance.holds(value, schema)]
        if not fitting:
            raise UnsatisfiableSchema("no value of the enum fits the rest of the schema")
        return plain(self.rng.choice(fitting))

    def _types(self, schema: Mapping[str, object]) -> Sequence[object]:
        """The types allowed, in the order to try them."""
        if "type" not in schema:
            hinted = [name for name, words in _HINTS.items() if any(w in schema for w in words)]
            return list(dict.fromkeys([*hinted, *TYPES]))
        names = [name for name in listed(schema["type"]) if name in TYPES]
        self.rng.shuffle(names)
        if "null" in names and self.rng.random() > 1 / 8:
            names.sort(key=lambda name: name == "null")
        return names

    def _of_type(self, name: object, schema: Mapping[str, object], room: float) -> JsonValue:
        words = self.words
        if self.guided and name in _SUGGESTED:
            own = guidance.suggested(schema, self.name, name, self.rng, self.conformance)
            if own:
                return own[0]
            words = guidance.brief(schema, self.name, words)
        match name:
            case "string":
                return string(schema, self.rng, words, self.conformance.matcher, room=int(room))
            case "object":
                return objects.drawn(self, schema, room)
            case "array":
                return arrays.drawn(self, schema, room)
            case _:
                return _SIMPLE[str(name)](schema, self.rng)


_SIMPLE: dict[str, Callable[[Mapping[str, object], random.Random], JsonValue]] = {
    "integer": integer,
    "number": number,
    "boolean": lambda _, rng: rng.random() < 1 / 2,
    "null": lambda _schema, _rng: None,
}
