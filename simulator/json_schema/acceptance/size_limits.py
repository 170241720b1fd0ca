"""The sizes that the real service allows a schema of strict mode."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.json_schema.acceptance.metaschema import Place, schemas
from simulator.json_schema.json_values import is_array, is_object, mapping_at, sequence_at

_WAY_OUT = (
    "Consider reducing the number of enums, or opt out of structured outputs by setting "
    "'strict: false'."
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest of each.

    The defaults are what the service enforces: "6000 parameters exceeds limit of 5000", "11 levels
    of nesting exceeds limit of 10" (reported from Azure and OpenAI deployments in 2025 and 2026),
    "Expected at most 1000 enum values" and "at most 15000 total characters" (reported 2026), and
    120,000 characters (OpenAI's guide, 2025-05). Microsoft's page (2025-12-06) still has the first
    ones, 100 properties and five levels, which the service left behind in 2025; they are
    `Limits(properties=100, levels=5, characters=15_000, enum_values=500, enum_characters=7_500)`.
    """

    properties: int = 5_000
    levels: int = 10
    characters: int = 120_000
    enum_values: int = 1_000
    enum_characters: int = 15_000
    large_enum: int = 250


LIMITS = Limits()


def excess(schema: Mapping[str, object], limits: Limits = LIMITS) -> str | None:
    """Return the limit that the schema exceeds, in the words of the real service; None if none.

    Each object and each array is a level of nesting; `anyOf` and `$ref` add none, and definitions
    count from nothing. The wording for the total of characters has not been seen: it follows that
    for properties.
    """
    return next(_excesses(list(schemas(schema)), limits), None)


def _excesses(places: Sequence[Place], limits: Limits) -> Iterator[str]:
    found = [place.schema for place in places if is_object(place.schema)]
    totals = (
        (
            sum(len(mapping_at(part, "properties")) for part in found),
            limits.properties,
            "parameters",
        ),
        (max(map(_levels, places)), limits.levels, "levels of nesting"),
        (sum(map(_characters, found)), limits.characters, "total characters"),
    )
    for total, limit, what in totals:
        if total > limit:
            yield f"{total} {what} exceeds limit of {limit}."
    enums = [sequence_at(part, "enum") for part in found]
    values = sum(map(len, enums))
    if values > limits.enum_values:
        counted = f"{limits.enum_values} enum values in total within a single schema when using"
        yield f"Expected at most {counted} structured outputs, but received {values}. {_WAY_OUT}"
    for enum in enums:
        characters = sum(map(_length, enum))
        if len(enum) > limits.large_enum and characters > limits.enum_characters:
            counted = f"{limits.enum_characters} total characters across enum values when there are"
            more = f"more than {limits.large_enum} enum values"
            yield f"Expected at most {counted} {more}, but received {characters}. {_WAY_OUT}"


def _levels(place: Place) -> int:
    names = place.schema.get("type") if is_object(place.schema) else None
    listed = names if is_array(names) else (names,)
    return place.levels + ("object" in listed or "array" in listed)


def _characters(schema: Mapping[str, object]) -> int:
    """The characters of the names of properties and definitions, the enum values and the
    constants.
    """
    names = [*mapping_at(schema, "properties"), *mapping_at(schema, "$defs")]
    names += mapping_at(schema, "definitions")
    return sum(map(_length, [*names, *sequence_at(schema, "enum"), schema.get("const")]))


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else 0
