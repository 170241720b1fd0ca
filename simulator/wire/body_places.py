"""Places in a body: their names, the values that stand there, and what its model allows there.

A place is the list of steps to it from the top: keys and indices. `inspect.Type` is msgspec's description
of a model.
"""

import math
from collections.abc import Sequence
from typing import cast

import msgspec
from msgspec import inspect

from simulator.json_schema.json_values import as_object
from simulator.wire.declared_order import Words

Steps = list[str | int]


def name_of(steps: Steps) -> str:
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(parts).removeprefix(".")


def misfit(value: object, kind: inspect.Type | None) -> str:
    """The key of a mapping's first wrong member, which msgspec leaves out: it says `[...]`."""
    kinds = _members(kind) if kind else ()
    expected = next((m.value_type for m in kinds if isinstance(m, inspect.DictType)), None)
    members = as_object(value)
    return next((key for key, member in members.items() if not _fits(member, expected)), "")


def _fits(value: object, kind: inspect.Type | None) -> bool:
    if isinstance(kind, inspect.UnionType):
        return any(_fits(value, member) for member in kind.types)
    if isinstance(kind, inspect.StructType):
        return _converts(value, kind.cls)
    if isinstance(kind, inspect.StrType):
        return isinstance(value, str)
    if isinstance(kind, inspect.NoneType):
        return value is None
    if not isinstance(kind, inspect.FloatType) or isinstance(value, bool):
        return False
    low = -math.inf if kind.ge is None else kind.ge
    high = math.inf if kind.le is None else kind.le
    return isinstance(value, int | float) and low <= value <= high


def _converts(value: object, kind: type[object]) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def value_at(value: object, steps: Steps) -> object:
    for step in steps:
        if isinstance(step, int):
            items = cast("list[object]", value) if isinstance(value, list) else []
            value = items[step] if step < len(items) else None
        else:
            value = as_object(value).get(step)
    return value


def type_at(kind: inspect.Type, steps: Steps, value: object) -> inspect.Type | None:
    """The type that the body's model has at a place: of a union, the member that fits the value."""
    for position, step in enumerate(steps):
        found = next(
            (
                inner
                for member in _members(kind)
                if (inner := _inner(member, step, value_at(value, steps[:position]))) is not None
            ),
            None,
        )
        if found is None:
            # A tag that names no member of the union: the tags are what is allowed here.
            return kind
        kind = found
    return kind


def _inner(kind: inspect.Type, step: str | int, holder: object) -> inspect.Type | None:
    if isinstance(kind, inspect.ListType) and isinstance(step, int):
        return kind.item_type
    if isinstance(kind, inspect.DictType) and isinstance(step, str):
        return kind.value_type
    if isinstance(kind, inspect.StructType):
        tag = as_object(holder).get(kind.tag_field) if kind.tag_field else None
        if kind.tag_field is None or tag == kind.tag:
            return next((f.type for f in kind.fields if f.encode_name == step), None)
    return None


def _members(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    if isinstance(kind, inspect.UnionType):
        return kind.types
    return (kind,)


def allowed_values(kind: inspect.Type | None, field: str) -> list[str]:
    """The values that a field may have: words, or the tags of a union if it is their field."""
    words: list[str] = []
    tags: list[str] = []
    for member in _members(kind) if kind else ():
        if isinstance(member, inspect.LiteralType):
            words += [str(value) for value in member.values]
        elif isinstance(member, inspect.StructType) and member.tag_field == field:
            tags.append(str(member.tag))
    return tags or words or ["null"]


_NOUNS: dict[type[inspect.Type], str] = {
    inspect.StrType: "string",
    inspect.LiteralType: "string",
    inspect.IntType: "integer",
    inspect.FloatType: "decimal",
    inspect.BoolType: "boolean",
    inspect.StructType: "object",
    inspect.DictType: "object",
    inspect.RawType: "object",
}


def is_choice(kind: inspect.Type | None) -> bool:
    """True where one of several words is expected, whatever else may stand there."""
    members = _members(kind) if kind else ()
    return any(isinstance(m, inspect.LiteralType) and len(m.values) > 1 for m in members)


def either(words: Sequence[str], conjunction: str) -> str:
    """The words in quotes, as a list in a sentence."""
    *others, last = (f"'{word}'" for word in words)
    comma = "," if len(others) > 1 else ""
    return f"{', '.join(others)}{comma} {conjunction} {last}" if others else last


def expected_kind(kind: inspect.Type | None, words: Words) -> str:
    """Name the types that a place takes, as the service does; `words` has the order of each choice."""
    nouns: list[str] = []
    for member in _members(kind) if kind else ():
        if isinstance(member, inspect.ListType):
            inner = _NOUNS.get(type(_members(member.item_type)[0]), "value")
            nouns.append(f"array of {inner}s")
        elif isinstance(member, inspect.LiteralType) and len(member.values) > 1:
            values = [str(value) for value in member.values]
            nouns.append(either(words.get(frozenset(values), values), "or"))
        elif type(member) in _NOUNS:
            nouns.append(_NOUNS[type(member)])
    nouns = list(dict.fromkeys(nouns)) or ["value"]
    first = f"one of {nouns[0]}" if nouns[0][0] == "'" else f"{_article(nouns[0])} {nouns[0]}"
    return first if len(nouns) == 1 else f"one of {first} or {' or '.join(nouns[1:])}"


def kind_of(value: object) -> str:
    if value is None:
        return "null"
    for kind, noun in (
        (bool, "boolean"),
        (int, "integer"),
        (float, "decimal number"),
        (str, "string"),
    ):
        if isinstance(value, kind):
            return f"{_article(noun)} {noun}"
    return "an array" if isinstance(value, list) else "an object"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
