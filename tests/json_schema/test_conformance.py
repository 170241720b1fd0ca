import jsonschema
import pytest

from simulator.assembly.budgets import schema_budget
from simulator.json_schema.conformance import Conformance
from simulator.json_schema.patterns.matching import Matcher

SCHEMAS = [
    {"type": "integer"},
    {"type": ["string", "null"]},
    {"type": "object"},
    {"type": "number"},
    {"enum": [1, "a", [1, {"a": None}]]},
    {"const": {"a": [1.0]}},
    {"minimum": 1, "exclusiveMaximum": 3},
    {"exclusiveMinimum": 1, "maximum": 3},
    {"multipleOf": 0.5},
    {"minLength": 2, "maxLength": 3},
    {"pattern": "^a"},
    {"minItems": 1, "maxItems": 2},
    {"uniqueItems": True},
    {"uniqueItems": False},
    {"prefixItems": [{"type": "integer"}], "items": {"type": "string"}},
    {"contains": {"const": 1}, "minContains": 1, "maxContains": 2},
    {"contains": {"const": 1}, "minContains": 0},
    {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
    {"properties": {"a": True}, "patternProperties": {"^x": {"type": "integer"}},
     "additionalProperties": False},
    {"minProperties": 1, "maxProperties": 1},
    {"propertyNames": {"maxLength": 1}},
    {"dependentRequired": {"a": ["b"]}},
    {"dependentSchemas": {"a": {"minProperties": 2}}},
    {"allOf": [{"minimum": 1}, {"maximum": 2}]},
    {"anyOf": [{"type": "string"}, {"minimum": 3}]},
    {"oneOf": [{"minimum": 1}, {"maximum": 2}]},
    {"not": {"type": "string"}},
    {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "integer"}},
    {"$ref": "#/$defs/a", "$defs": {"a": {"type": "integer"}}},
    {"items": False},
]  # fmt: skip
VALUES = [
    *(None, True, False, 0, 1, 1.0, 2, 2.25, 2.5, 3, 4, "", "a", "ab", "abc", "b", "abcd"),
    *([], [1], [1, 1], [1, True], [1, 1, 1], ["a"], [1, "a"], [1, 2], [1, {"a": None}]),
    *({}, {"a": 1}, {"a": "x"}, {"a": [1]}, {"x": 1}, {"x": "a"}, {"b": 1}, {"a": 1, "b": 2}, {"xy": 1}),
]  # fmt: skip


def _conformance(schema):
    return Conformance(schema, Matcher(schema_budget()))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_values_conform_as_a_validator_library_has_it(schema):
    validator = jsonschema.Draft202012Validator(schema)
    ours = [_conformance(schema).holds(value, schema) for value in VALUES]
    assert ours == [validator.is_valid(value) for value in VALUES]


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"$ref": "#/none"}, {"$ref": 1}, False])
def test_a_reference_that_leads_nowhere_has_no_instance(schema):
    assert not _conformance({"$ref": "#"}).holds(1, schema)


def test_the_items_of_draft_seven_are_a_list():
    schema = {"items": [{"type": "string"}]}
    assert _conformance(schema).holds(["a", 1], schema)
    assert not _conformance(schema).holds([1], schema)
