import pytest

from simulator.assembly.budgets import schema_budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.patterns.matching import Matcher
from simulator.json_schema.sampling.merging import merge


@pytest.mark.parametrize(
    ("left", "right", "merged"),
    [
        ({"minimum": 1}, {"minimum": 2}, {"minimum": 2}),
        ({"maxLength": 1}, {"maxLength": 2}, {"maxLength": 1}),
        ({"minimum": 1}, {"minimum": "x"}, {"minimum": 1}),
        ({"maximum": 1}, {"maximum": None}, {"maximum": 1}),
        ({"multipleOf": 4}, {"multipleOf": 6}, {"multipleOf": 12}),
        ({"multipleOf": 0.5}, {"multipleOf": 0.75}, {"multipleOf": 1.5}),
        ({"multipleOf": 2}, {"multipleOf": "x"}, {"multipleOf": 2}),
        ({"type": ["number", "null"]}, {"type": "integer"}, {"type": ["integer"]}),
        ({"type": "integer"}, {"type": "number"}, {"type": ["integer"]}),
        ({"enum": [1, 2, "a"]}, {"enum": ["a", 2.0]}, {"enum": [2, "a"]}),
        ({"required": ["a", "b"]}, {"required": ["b", "c"]}, {"required": ["a", "b", "c"]}),
        ({"items": False}, {"items": {}}, {"items": False}),
        ({"items": True}, {"items": {"minimum": 1}}, {"items": {"allOf": [{"minimum": 1}]}}),
        ({"pattern": "a"}, {"pattern": "b"}, {"pattern": "a"}),
        ({"uniqueItems": False}, {"uniqueItems": True}, {"uniqueItems": True}),
        (
            {"patternProperties": {"a": True}},
            {"patternProperties": 1},
            {"patternProperties": {"a": True}},
        ),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"properties": {"b": {}}},
            {"properties": {"a": {}, "b": False}, "additionalProperties": False},
        ),
    ],
)
def test_both_hold_in_the_merged(left, right, merged):
    assert merge(left, right, Matcher(schema_budget())) == merged


@pytest.mark.parametrize(
    ("left", "right"), [({"type": "string"}, {"type": "null"}), ({"const": 1}, {"const": True})]
)
def test_a_contradiction_is_reported(left, right):
    with pytest.raises(UnsatisfiableSchema):
        merge(left, right, Matcher(schema_budget()))
