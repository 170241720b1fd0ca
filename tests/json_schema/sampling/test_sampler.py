import contextlib
import inspect
import json
import subprocess
import sys
from typing import Annotated, Literal, Optional

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel, Field, TypeAdapter

from simulator.json_schema.acceptance.strict_mode import check_schema, check_strict
from simulator.json_schema.errors import InvalidSchema, UnsatisfiableSchema
from tests.support.health_checks import ALL_HEALTH_CHECKS
from tests.support.schema_sampling import complaints, draw
from tests.support.schema_strategies import schemas

STRING = {"type": "string"}
KEYWORDS = st.sampled_from(
    [
        *(
            "type",
            "enum",
            "const",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "$ref",
        ),
        *("allOf", "anyOf", "oneOf", "not", "if", "then", "minimum", "maximum", "exclusiveMinimum"),
        *("multipleOf", "minLength", "maxLength", "pattern", "format", "minItems", "uniqueItems"),
        *(
            "contains",
            "prefixItems",
            "patternProperties",
            "propertyNames",
            "dependentRequired",
            "$defs",
        ),
    ]
)
TREE = {
    "type": "object",
    "properties": {"label": STRING, "children": {"type": "array", "items": {"$ref": "#"}}},
    "required": ["label", "children"],
    "additionalProperties": False,
}


@seed(20260301)
@settings(max_examples=500, deadline=None, database=None, suppress_health_check=ALL_HEALTH_CHECKS)
@given(schema=schemas(), size=st.sampled_from([1, 20, 100, 400]), number=st.integers(0, 9999))
def test_five_hundred_random_schemas_have_instances_that_validate(schema, size, number):
    check_schema(schema, where="response_format 'random'")
    drawn = draw(schema, seed=number, size=size)
    assert complaints(drawn, schema) == []
    assert draw(schema, seed=number, size=size) == drawn


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"type": "integer"}, {"minimum": 5}, {"type": "number", "maximum": 9}]},
        {"allOf": [{"properties": {"a": STRING}}, {"properties": {"a": {"minLength": 30}}}],
         "type": "object", "required": ["a"]},
        {"allOf": [{"enum": [1, 2, 3]}, {"enum": [3, 4]}]},
        {"allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "type": "integer", "minimum": 1},
        {"allOf": [{"multipleOf": 0.5}, {"multipleOf": 0.75}], "type": "number"},
        {"allOf": [{"const": 1}, {"const": 1.0}]},
        {"allOf": [{"prefixItems": [STRING]}, {"prefixItems": [{"minLength": 9}, STRING]}],
         "type": "array", "minItems": 2},
        {"allOf": [{"type": "array", "items": STRING, "uniqueItems": True}, {"items": {"minLength": 9}}]},
        {"allOf": [{"patternProperties": {"^a": STRING}}, {"patternProperties": {"^a": {"maxLength": 3}}}],
         "type": "object", "required": ["ab"]},
        {"allOf": [{"properties": {"a": STRING}, "additionalProperties": False},
                   {"properties": {"a": {"minLength": 2}, "b": STRING}}], "type": "object"},
        {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 0}]},
        {"oneOf": [{"type": "string", "maxLength": 5}, {"type": "string", "minLength": 3}]},
        {"not": {"type": "string"}, "type": ["string", "integer"]},
        {"type": "integer", "minimum": 0, "maximum": 3, "not": {"enum": [0, 1]}},
        {"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"required": ["b"]},
         "else": {"required": ["c"]}, "type": "object", "properties": {"a": {"enum": [1, 2]}}},
        {"type": "object", "properties": {"a": STRING, "b": STRING, "c": STRING}, "required": ["a"],
         "dependentRequired": {"a": ["b"], "b": ["c"]}},
        {"type": "object", "properties": {"a": STRING}, "dependentSchemas": {"a": {"required": ["b"]}}},
        {"type": "array", "contains": {"const": 7}, "minContains": 2, "items": {"type": "integer"}},
        {"type": "array", "contains": {"const": 7}},
        {"type": "array", "items": {"enum": list(range(40))}, "uniqueItems": True, "minItems": 40},
        {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
        {"type": "array", "prefixItems": [STRING, {"type": "integer"}], "items": False, "minItems": 2},
        {"type": "object", "propertyNames": {"pattern": "^[a-z]{3}$"}, "minProperties": 3},
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"type": "object", "patternProperties": {"^n[0-9]$": {"type": "integer"}},
         "additionalProperties": False, "minProperties": 2},
        {"type": "object", "properties": {"a": False, "b": STRING}},
        {"type": "object", "properties": {"a": STRING, "b": STRING}, "maxProperties": 1},
        {"type": "object", "required": ["undeclared"]},
        {"minimum": 5, "maximum": 3},
        {"$ref": "#/definitions/a%20b~1c", "definitions": {"a b/c": {"type": "integer"}}},
        {"$ref": "#/prefixItems/1", "prefixItems": [True, {"type": "array"}]},
        {"type": "object", "properties": {"s": {"$ref": "#/$defs/s", "minLength": 40}},
         "required": ["s"], "$defs": {"s": {"type": "string", "maxLength": 50}}},
        {"anyOf": [{"type": "string", "minLength": 9, "maxLength": 2}, {"type": "integer"}]},
        {"type": "string", "format": "email", "maxLength": 17},
        {"type": "string", "format": "a-format-of-their-own"},
        {"type": "string", "minLength": 5000},
        {"enum": [1, True, None, {"a": [1]}], "type": "object"},
        {},
        True,
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_instance_validates_whatever_the_keywords(schema, number):
    inside = {"type": "object", "properties": {"it": schema}, "required": ["it"]}
    root = schema if isinstance(schema, dict) else inside
    assert complaints(draw(root, seed=number), root) == []


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats()
    | st.sampled_from(["", "#", "object", "("]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS | st.just("a"), inner, max_size=3)
    ),
    max_leaves=8,
)


@seed(20260302)
@settings(max_examples=400, deadline=None, database=None, suppress_health_check=ALL_HEALTH_CHECKS)
@given(schema=st.dictionaries(KEYWORDS, JSON, max_size=5))
def test_what_is_no_schema_ends_with_an_instance_or_is_reported(schema):
    with contextlib.suppress(InvalidSchema):
        check_strict(schema, where="function 'random'")
    with contextlib.suppress(UnsatisfiableSchema):
        json.dumps(draw(schema))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": [STRING, {"type": "integer"}], "minItems": 2},
        {"type": "number", "minimum": 5, "exclusiveMinimum": True},
    ],
)
def test_older_drafts_keywords_are_understood(schema):
    drawn = draw(schema)
    assert isinstance(drawn[1], int) if isinstance(drawn, list) else drawn > 5


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 5, "maxLength": 4},
        {"type": "string", "minLength": 10**9},
        {"type": "string", "format": "uuid", "maxLength": 5},
        {"type": "string", "pattern": "^a$", "minLength": 2},
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": r"^(a{1000}){1000}$"},
        {"type": "string", "pattern": r"[^\x00-\uffff]"},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2},
        {"type": "integer", "minimum": 1, "maximum": 5, "multipleOf": 7},
        {"type": "number", "minimum": 1, "exclusiveMaximum": 1},
        {"type": "number", "minimum": 0.1, "maximum": 0.4, "multipleOf": 0.5},
        {"type": "number", "minimum": 10**400},
        {"type": "array", "minItems": 3, "maxItems": 2},
        {"type": "array", "minItems": 10**6},
        {"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True, "minItems": 3},
        {"type": "array", "items": {"const": 1}, "uniqueItems": True, "minItems": 2},
        {"type": "array", "items": False, "minItems": 1},
        {"type": "object", "minProperties": 2, "maxProperties": 1},
        {"type": "object", "minProperties": 1, "additionalProperties": False},
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}},
         "required": ["a", "b"]},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"$ref": "#/$defs/none"},
        {"$ref": "https://example.com/schema.json"},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"allOf": [{"const": 1}, {"const": 2}]},
        {"allOf": [{"enum": [1]}, {"enum": [2]}]},
        {"enum": []},
        {"anyOf": []},
        {"anyOf": [False, {"type": "object", "properties": {"a": False}, "required": ["a"]}]},
        {"type": []},
        {"not": {}},
        {"if": True, "then": {"anyOf": []}, "else": {"anyOf": []}},
        {"if": True, "then": {"$ref": "#"}, "else": {"$ref": "#"}},
        {"oneOf": [{}, {}]},
        {"type": "object", "properties": {str(n): {"type": "array", "minItems": 900, "items":
            {"type": "array", "minItems": 900}} for n in range(9)}, "required": ["1"]},
    ],
)  # fmt: skip
def test_a_schema_without_a_reachable_instance_is_reported(schema):
    with pytest.raises(UnsatisfiableSchema):
        draw(schema)


def test_a_schema_that_doubles_at_every_level_ends_soon():
    contradiction = {"type": "string", "minLength": 2, "maxLength": 1}
    branches = {f"p{n}": {"anyOf": [{"$ref": "#"}, contradiction]} for n in range(5)}
    schema = {"type": "object", "properties": branches, "required": list(branches)}
    with pytest.raises(UnsatisfiableSchema):
        draw(schema)


def test_a_pattern_that_backtracks_without_end_is_given_up():
    with pytest.raises(UnsatisfiableSchema):
        draw({"type": "string", "pattern": r"^(a|aa)+$(?<!a)", "minLength": 60})


def _buried(depth, *, keyword):
    schema = {"type": "string"}
    for _ in range(depth):
        schema = {keyword: [schema]}
    return schema


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "prefixItems", "const", "enum"])
@pytest.mark.parametrize("depth", [20, 60, 95, 5000])
def test_a_deep_schema_does_not_overflow_the_stack(depth, keyword):
    with contextlib.suppress(UnsatisfiableSchema):
        draw(_buried(depth, keyword=keyword))


@pytest.mark.parametrize("value", [_buried(5000, keyword="anyOf"), [_buried(5000, keyword="x")]])
def test_a_schema_too_deep_to_read_is_refused(value):
    with pytest.raises(InvalidSchema, match="f\\. Please ensure it is a valid JSON Schema\\."):
        check_schema(value, where="function f")


def test_the_deepest_instance_leaves_most_of_the_stack():
    schema = {"type": "object", "required": ["a"], "$defs": {"x": {"type": "string"}}}
    inner = {"$ref": "#/$defs/x"}
    for _ in range(22):
        inner = {"anyOf": [{**schema, "properties": {"a": {"allOf": [inner]}}}]}
    used = len(inspect.stack())
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(used + 700)
    try:
        assert draw({**inner, "$defs": schema["$defs"]})
    finally:
        sys.setrecursionlimit(limit)


def test_a_recursive_schema_ends():
    assert complaints(draw(TREE, size=2000), TREE) == []


def test_a_recursive_schema_has_children():
    assert draw(TREE, size=500)["children"]


def _length(schema, size, number):
    return len(json.dumps(draw(schema, seed=number, size=size))) / 5


@pytest.mark.parametrize("size", [50, 200, 1000])
def test_a_document_is_roughly_as_long_as_asked(size):
    step = {"type": "object", "properties": {"explanation": STRING, "output": STRING},
            "required": ["explanation", "output"]}  # fmt: skip
    schema = {"type": "object", "properties": {"steps": {"type": "array", "items": step},
              "final_answer": STRING}, "required": ["steps", "final_answer"]}  # fmt: skip
    average = sum(_length(schema, size, number) for number in range(10)) / 10
    assert 0.5 * size < average < 1.6 * size


def test_a_free_string_takes_what_the_rest_leaves():
    schema = {"type": "object", "properties": {"text": STRING}, "required": ["text"]}
    assert len(draw(schema, size=300)["text"].split()) == pytest.approx(300, abs=10)


def test_properties_come_in_the_order_declared():
    names = ["zulu", "alpha", "mike"]
    schema = {"type": "object", "properties": dict.fromkeys(names, STRING), "required": names[::-1]}
    assert list(draw(schema)) == names


def test_an_optional_property_is_sometimes_left_out():
    schema = {"type": "object", "properties": {"a": STRING}}
    assert {"a" in draw(schema, seed=number) for number in range(30)} == {True, False}


def test_null_is_one_of_a_list_of_types():
    schema = {"type": ["string", "null"]}
    drawn = [draw(schema, seed=number) for number in range(60)]
    assert 0 < drawn.count(None) < 30


def test_every_branch_is_drawn_some_time():
    schema = {"anyOf": [{"const": value} for value in "abc"]}
    assert {draw(schema, seed=number) for number in range(40)} == set("abc")


def test_a_value_of_the_schema_is_copied():
    schema = {"const": {"a": [1]}}
    draw(schema)["a"].append(2)
    assert schema == {"const": {"a": [1]}}


@pytest.mark.parametrize(
    "count", [400, 600]
)  # a thousand take half the budget, and more under coverage
def test_distinct_items_of_an_enum_can_be_all_of_it(count):
    schema = {"type": "array", "uniqueItems": True, "minItems": count}
    values = draw({**schema, "items": {"enum": list(range(count))}})
    assert sorted(values) == list(range(count))


def test_another_process_draws_the_same():
    code = (
        "import random,time;from simulator.budget import Budget;from simulator.json_schema.sampling.sampler import instance;"
        "s={'type':'object','properties':{c:{'type':'string','pattern':'^[^x]{9}$'} for c in 'ab'}};"
        "print(instance(s,random.Random(5),lambda n,r:'w'*n,Budget(time.thread_time,9)))"
    )
    runs = {
        subprocess.run(  # noqa: S603 (our own interpreter and code)
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed_},
            capture_output=True,
            check=True,
        ).stdout
        for seed_ in ("1", "2")
    }
    assert len(runs) == 1


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: Annotated[int, Field(ge=1, le=9)]


class Dog(BaseModel):
    kind: Literal["dog"]
    tags: set[str]


class Owner(BaseModel):
    """A model with most of what pydantic makes of types."""

    name: str = Field(description="In full")
    pet: Cat | Dog = Field(discriminator="kind")
    friends: list["Owner"]
    scores: dict[str, float]
    place: tuple[float, float]
    note: Optional[str] = None  # noqa: UP045 (as users write it)
    code: Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{2}$")]


class Step(BaseModel):
    explanation: str
    mood: Literal["good", "bad"] | None


class Answer(BaseModel):
    steps: list[Step]
    root: "Node"


class Node(BaseModel):
    value: float
    next: Optional["Node"]


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("model", [Answer, Node, Step])
def test_what_the_sdk_sends_of_a_model_can_be_parsed_by_the_model(model, number):
    drawn = draw(to_strict_json_schema(model), seed=number)
    assert model.model_validate_json(json.dumps(drawn))


@pytest.mark.parametrize("number", range(8))
def test_what_pydantic_makes_of_a_rich_model_can_be_parsed_by_it(number):
    drawn = draw(TypeAdapter(Owner).json_schema(), seed=number)
    assert Owner.model_validate_json(json.dumps(drawn))
