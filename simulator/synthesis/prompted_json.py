"""The form that a prompt asks JSON to have: a schema, or an example, that stands in it as text."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NoReturn

from simulator.json_schema.json_values import as_object, is_array, is_object, nests_deeply
from simulator.synthesis.example_schema import schema_of_example
from simulator.synthesis.loose_json import LooseReader
from simulator.synthesis.prompted_names import named_schema

LONGEST_SEARCH = 200_000
"""Characters of all texts that are searched, the newest first."""
_MOST_CANDIDATES = 64
_CUE_REACH = 200
_CUE = re.compile(
    r"\b(?:schema|formats?|formatted|examples?|like|such as|form|fields?|keys?|structure|shape|template"
    r"|return|respond|reply|answer|output|produce|give|provide|generate|following|interface|type)\b",
    re.IGNORECASE,
)
ReadObject = Callable[[str, int], tuple[object, int]]
"""Reads the object at a place of a text, or raises ValueError."""

_BRANCHES = ("anyOf", "oneOf", "allOf")
_WRAPPERS = ("schema", "json_schema", "parameters")


def prompted_schema(texts: Sequence[str]) -> Mapping[str, object] | None:
    """Return the schema that the newest text with one has, else that of the newest example; None if
    there is neither.

    The last schema of a text counts, because the words around it may show others. An example is an
    object behind words such as "format" or "like", or a text that is nothing else. Where no schema is
    found, what is nearly JSON is read, too, and at last the names that a text lists in words.
    """
    schema, _ = _shown(texts, _json_at)
    if schema is None:
        loose = LooseReader()
        schema, example = _shown(texts, lambda text, at: _nearly_json_at(text, at, loose))
        if schema is None and example is not None:
            return schema_of_example(example)
    return schema or named_schema(texts, LONGEST_SEARCH)


def _shown(
    texts: Sequence[str], read: ReadObject
) -> tuple[Mapping[str, object] | None, Mapping[str, object] | None]:
    """Return the schema that the texts show, or else an example."""
    example: Mapping[str, object] | None = None
    left = LONGEST_SEARCH
    candidates = _MOST_CANDIDATES
    for text in reversed(texts):
        found: Mapping[str, object] | None = None
        for start, end, value in _objects(text[:left], candidates, read):
            candidates -= 1
            if (schema := _schema_in(value)) is not None:
                found = schema
            elif example is None and value and _is_example(text, start, end):
                example = value
        if found is not None:
            return found, None
        left -= len(text)
        if left <= 0 or candidates <= 0:
            break
    return None, example


def _objects(
    text: str, most: int, read: ReadObject
) -> Iterator[tuple[int, int, Mapping[str, object]]]:
    """The objects in a text, each with its place; at most `most` places are tried."""
    at = text.find("{")
    for _ in range(most):
        if at < 0:
            return
        try:
            value, end = read(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        if is_object(value) and not nests_deeply(value):
            yield at, end, value
        at = text.find("{", end)


def _json_at(text: str, at: int) -> tuple[object, int]:
    return _DECODER.raw_decode(text, at)


def _nearly_json_at(text: str, at: int, loose: LooseReader) -> tuple[object, int]:
    try:
        return _json_at(text, at)
    except ValueError:
        return loose.object_at(text, at)


def _refused(word: str) -> NoReturn:
    raise ValueError(word)


# NaN and Infinity are no JSON.
_DECODER = json.JSONDecoder(parse_constant=_refused)


def _schema_in(value: Mapping[str, object], depth: int = 2) -> Mapping[str, object] | None:
    """The value if it is the schema of an object, or the one that it wraps."""
    if _is_schema(value):
        return value
    for member in _WRAPPERS if depth else ():
        inner = as_object(value.get(member))
        if inner and (found := _schema_in(inner, depth - 1)) is not None:
            return found
    return None


def _is_schema(value: Mapping[str, object]) -> bool:
    properties = value.get("properties")
    if is_object(properties) and all(map(_is_subschema, properties.values())):
        return value.get("type", "object") == "object"
    if isinstance(value.get("$ref"), str):
        return "$defs" in value or "definitions" in value
    if value.get("type") == "object":
        return "additionalProperties" in value
    return any(_all_schemas(value.get(keyword)) for keyword in _BRANCHES)


def _is_subschema(value: object) -> bool:
    return is_object(value) or isinstance(value, bool)


def _all_schemas(value: object) -> bool:
    branches = value if is_array(value) else ()
    return bool(branches) and all(
        is_object(one) and ("$ref" in one or "properties" in one) for one in branches
    )


def _is_example(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _CUE_REACH) : start]
    return _CUE.search(before) is not None or not (text[:start].strip() or text[end:].strip())
