"""Objects within the bounds of a schema."""

from collections.abc import Iterator, Mapping

from simulator.json_schema.conformance import is_additional
from simulator.json_schema.errors import SearchExhausted, UnsatisfiableSchema
from simulator.json_schema.json_values import JsonValue, count_at, is_object, mapping_at, names_at
from simulator.json_schema.patterns.writing import text_matching
from simulator.json_schema.sampling.level import Level
from simulator.json_schema.sampling.merging import both
from simulator.json_schema.sampling.strings import string
from simulator.json_schema.sampling.token_budget import key_cost, shares

_MOST = 1_000
"""Properties, whatever the schema asks for."""
_EXTRAS = 4
"""Undeclared properties of an open dictionary, at most."""
_EXTRA_TOKENS = 24
"""The tokens that suffice for one more of them."""
_ATTEMPTS = 20
"""Names that are tried for each undeclared property."""


def drawn(level: Level, schema: Mapping[str, object], room: float) -> JsonValue:
    """Draw properties in the order declared, as the real service has them; then others, if required."""
    needed = _needed(schema)
    least = max(count_at(schema, "minProperties", 0), len(needed))
    most = count_at(schema, "maxProperties", _MOST)
    if least > most or least > _MOST:
        raise UnsatisfiableSchema(f"no object of {least} to {most} properties")
    wished = _wished(level, schema, needed, room)
    lengths = [level.lengths.of(_part(level, schema, name)) for name in wished]
    left = max(0, room - sum(map(key_cost, wished)))
    members: dict[str, JsonValue] = {}
    for name, share in zip(wished, shares(left, lengths), strict=False):
        if name in needed:
            members[name] = level.below(_part(level, schema, name), share, name)
        elif len(members) < most - sum(1 for other in needed if other not in members):
            members |= _optional(level, schema, name, share)
    _add_others(level, schema, members, room)
    return members


def _needed(schema: Mapping[str, object]) -> list[str]:
    """The names in `required`, and those that they require in turn."""
    needs = mapping_at(schema, "dependentRequired")
    names = dict.fromkeys(names_at(schema, "required"))
    waiting = list(names)
    while waiting:
        others = [other for other in names_at(needs, waiting.pop(0)) if other not in names]
        names |= dict.fromkeys(others)
        waiting += others
    return list(names)


def _wished(
    level: Level, schema: Mapping[str, object], needed: list[str], room: float
) -> list[str]:
    declared = mapping_at(schema, "properties")
    dependent = mapping_at(schema, "dependentRequired")
    hurried = level.hurried(room)
    least = count_at(schema, "minProperties", 0)
    optional = [n for n in declared if n not in needed and n not in dependent]
    kept = {name for name in optional if not hurried and level.rng.random() < 3 / 4}
    short = max(0, least - len(needed) - len(kept))
    kept |= set([name for name in optional if name not in kept][:short])
    return [
        *(name for name in declared if name in needed or name in kept),
        *(name for name in needed if name not in declared),
    ]


def _part(level: Level, schema: Mapping[str, object], name: str) -> object:
    """The schema of a property of this name."""
    declared = mapping_at(schema, "properties")
    parts = [declared[name]] if name in declared else []
    for pattern, part in mapping_at(schema, "patternProperties").items():
        if level.conformance.matcher.matches(pattern, name):
            parts.append(part)
    if is_additional(schema, name, level.conformance.matcher):
        parts.append(schema.get("additionalProperties", True))
    return parts[0] if len(parts) == 1 else both(*parts)


def _optional(
    level: Level, schema: Mapping[str, object], name: str, room: float
) -> dict[str, JsonValue]:
    try:
        return {name: level.below(_part(level, schema, name), room, name)}
    except SearchExhausted:
        raise
    except UnsatisfiableSchema:
        return {}


def _add_others(
    level: Level, schema: Mapping[str, object], members: dict[str, JsonValue], room: float
) -> None:
    """Undeclared properties: as many as `minProperties` asks for, a few in an open dictionary."""
    least = count_at(schema, "minProperties", 0)
    most = min(count_at(schema, "maxProperties", _MOST), _MOST)
    open_ended = is_object(schema.get("additionalProperties")) or "patternProperties" in schema
    if open_ended and not members and not level.hurried(room):
        least = max(least, min(_EXTRAS, 1 + int(room // _EXTRA_TOKENS)))
    wished = min(least, most) - len(members)
    for name in _names(level, schema, wished * _ATTEMPTS):
        if wished <= 0:
            return
        if name not in members:
            added = _optional(level, schema, name, room / wished)
            members |= added
            wished -= len(added)
    if len(members) < count_at(schema, "minProperties", 0):
        raise UnsatisfiableSchema("too few properties are allowed")


def _names(level: Level, schema: Mapping[str, object], tries: int) -> Iterator[str]:
    """Names to try: matching the patterns and `propertyNames`, growing longer as they collide."""
    patterns = list(mapping_at(schema, "patternProperties"))
    allowed = schema.get("propertyNames")
    matcher, budget = level.conformance.matcher, level.conformance.budget
    for index in range(tries):
        if is_object(allowed):
            name = level.below({"type": "string", **allowed}, 1)
        elif patterns and index % 2 == 0:
            name = text_matching(level.rng.choice(patterns), level.rng, budget, repeats=6)
        else:
            room = 1 + index // _ATTEMPTS
            name = string({}, level.rng, level.words, matcher, room=room, token=True)
        if isinstance(name, str) and level.conformance.holds(name, schema.get("propertyNames")):
            yield name
