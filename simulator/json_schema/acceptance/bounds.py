"""The simulator's own bounds of any schema, strict or not, so that checking one is soon done."""

from collections.abc import Iterator, Mapping

from simulator.json_schema.acceptance.metaschema import schemas
from simulator.json_schema.json_values import is_object, mapping_at, sequence_at
from simulator.json_schema.patterns.parsing import LONGEST_PATTERN

MOST_SCHEMAS = 20_000
MOST_ENUM_VALUES = 20_000
MOST_PATTERN_CHARACTERS = 50_000


def beyond(schema: object) -> str | None:
    """Return the bound that the schema exceeds, worded like the service's own limits; None if none."""
    count = values = characters = 0
    for place in schemas(schema):
        part = place.schema
        count += 1
        if is_object(part):
            values += len(sequence_at(part, "enum"))
            lengths = list(map(len, _patterns(part)))
            characters += sum(lengths)
            if max(lengths, default=0) > LONGEST_PATTERN:
                return f"{max(lengths)} characters in a pattern exceeds limit of {LONGEST_PATTERN}."
    for total, limit, what in (
        (count, MOST_SCHEMAS, "schemas"),
        (values, MOST_ENUM_VALUES, "enum values"),
        (characters, MOST_PATTERN_CHARACTERS, "characters in patterns"),
    ):
        if total > limit:
            return f"{total} {what} exceeds limit of {limit}."
    return None


def _patterns(schema: Mapping[str, object]) -> Iterator[str]:
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        yield pattern
    yield from mapping_at(schema, "patternProperties")
