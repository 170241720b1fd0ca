"""The wordings of faults in schemas, held against the validator that the real service uses."""

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.json_schema.acceptance.metaschema import fault

VALIDATOR = jsonschema.Draft202012Validator(
    jsonschema.Draft202012Validator.META_SCHEMA,
    format_checker=jsonschema.FormatChecker(formats=["regex"]),
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, "", "string", "x"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["a", "type", "items"]), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYWORDS = st.sampled_from(
    [
        *("type", "properties", "patternProperties", "$defs", "dependentSchemas", "items"),
        *("additionalProperties", "propertyNames", "contains", "not", "if", "then", "else"),
        *("allOf", "anyOf", "oneOf", "prefixItems", "required", "enum", "minimum", "maximum"),
        *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength"),
        *("minItems", "maxItems", "minProperties", "maxProperties", "pattern", "format"),
        *("title", "description", "uniqueItems", "const", "default", "unknown"),
    ]
)


def wordings(schema: Any) -> set[str]:
    return {error.message for error in VALIDATOR.iter_errors(schema)}


@settings(max_examples=300)
@given(st.dictionaries(KEYWORDS, VALUES, max_size=2) | VALUES)
def test_a_fault_has_the_validators_words_and_no_fault_is_missed(schema: object) -> None:
    words, found = wordings(schema), fault(schema)
    assert found in words if found is not None else not words, (found, words)


@pytest.mark.parametrize(
    "schema",
    [
        [],
        {"type": ["string", "string"]},
        {"type": "any"},
        {"required": ["a", "a"]},
        {"anyOf": []},
        {"multipleOf": 0},
        {"minLength": -1},
        {"pattern": "("},
        {"items": None},
    ],
)
def test_every_kind_of_fault_has_the_validators_words(schema: object) -> None:
    assert fault(schema) in wordings(schema)
