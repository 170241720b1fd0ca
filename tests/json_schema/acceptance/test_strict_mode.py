import pytest
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel

from simulator.json_schema.acceptance.size_limits import Limits, excess
from simulator.json_schema.acceptance.strict_mode import (
    check_documented,
    check_looks,
    check_schema,
    check_strict,
)
from simulator.json_schema.errors import InvalidSchema

FORMAT = "response_format 'event'"
FUNCTION = "function 'get_weather'"
REQUIRED = (
    "'required' is required to be supplied and to be an array including every key in properties."
)
ELSEWHERE = "reference can only point to definitions defined at the top level of the schema."
WAY_OUT = (
    "Consider reducing the number of enums, or opt out of structured outputs by setting "
    "'strict: false'."
)
MANY_ENUMS = "Expected at most 1000 enum values in total within a single schema when using structured outputs"
LONG_ENUM = (
    "Expected at most 15000 total characters across enum values when there are more than 250 enum "
    "values"
)
STRING = {"type": "string"}


def closed(required=None, **properties):
    names = list(properties) if required is None else required
    return {
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": False,
    }


def refusal(check, schema, where=FORMAT):
    with pytest.raises(InvalidSchema) as refused:
        check(schema, where=where)
    head = f"Invalid schema for {where}: "
    assert refused.value.message.startswith(head)
    return refused.value.message.removeprefix(head)


GOLDEN = [
    ({"type": "object", "properties": {}, "required": []},
     "In context=(), 'additionalProperties' is required to be supplied and to be false."),
    (closed(a=closed() | {"additionalProperties": True}),
     "In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false."),
    (closed([], x=STRING), f"In context=(), {REQUIRED} Missing 'x'."),
    ({k: v for k, v in closed(x=STRING).items() if k != "required"}, f"In context=(), {REQUIRED} Missing 'x'."),
    (closed(["x", "y"], x=STRING), f"In context=(), {REQUIRED} Extra required key 'y' supplied."),
    (closed(x={"type": ["object", "null"]}),
     "In context=('properties', 'x'), 'additionalProperties' is required to be supplied and to be false."),
    (closed(x={"type": "array"}), "In context=('properties', 'x'), array schema missing items."),
    (closed(x={"type": "array", "items": {}}),
     "In context=('properties', 'x', 'items'), schema must have a 'type' key."),
    (closed(x={"const": "a"}), "In context=('properties', 'x'), schema must have a 'type' key."),
    (closed(x={"anyOf": [STRING, {"type": "object", "maxProperties": 3}]}),
     "In context=('properties', 'x', 'anyOf', '1'), 'maxProperties' is not permitted."),
    (closed(x={"oneOf": [STRING]}), "In context=('properties', 'x'), 'oneOf' is not permitted."),
    (closed(x={"type": "array", "items": STRING, "uniqueItems": True}),
     "In context=('properties', 'x'), 'uniqueItems' is not permitted."),
    (closed(x={"$ref": "#/$defs/c", "description": "d"}) | {"$defs": {"c": STRING}},
     "context=('properties', 'x'), $ref cannot have keywords {'description'}."),
    (closed(x=STRING, y={"$ref": "#/properties/x"}),
     f"In context=('properties', 'y'), {ELSEWHERE}"),
    (closed(y={"$ref": "#/$defs/none"}),
     f"In context=('properties', 'y'), {ELSEWHERE}"),
    (closed() | {"$defs": {"c": {"type": "object", "minProperties": 1}}},
     "In context=('$defs', 'c'), 'minProperties' is not permitted."),
    (closed(x=STRING | {"format": "uri"}), "In context=('properties', 'x'), 'uri' is not a valid format."),
    (closed(x={"type": ["null", "string"], "format": "phone"}),
     "In context=('properties', 'x', 'type', '1'), 'phone' is not a valid format."),
    ({"oneOf": [closed()]}, "In context=(), 'oneOf' is not permitted."),
    (closed() | {"allOf": [closed()]}, "In context=(), 'allOf' is not permitted."),
    ({"type": "array", "items": STRING},
     "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'."),
    ({"anyOf": [closed()]}, "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'."),
    (closed() | {"anyOf": [closed()]},
     "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "message"), GOLDEN)
def test_strict_mode_refuses_in_the_words_of_the_service(schema, message):
    assert refusal(check_strict, schema) == message


REFUSED_BY_ALL = ["minProperties", "maxProperties", "minContains", "unevaluatedItems"]
DOCUMENTED: list[dict[str, object]] = [
    {"type": "number", "minimum": 3},
    {"type": "number", "maximum": 3},
    {"type": "number", "exclusiveMinimum": 3},
    {"type": "number", "exclusiveMaximum": 3},
    {"type": "number", "multipleOf": 3},
    {"type": "array", "items": {"type": "string"}, "minItems": 3},
    {"type": "array", "items": {"type": "string"}, "maxItems": 3},
    {"type": "string", "minLength": 3},
    {"type": "string", "maxLength": 3},
    {"type": "string", "pattern": "a"},
    {"type": "string", "format": "date"},
    {"type": "string", "default": "a"},
]


@pytest.mark.parametrize("keyword", REFUSED_BY_ALL)
def test_a_keyword_that_both_vendors_list_is_not_permitted(keyword):
    schema = closed(x={"type": "number", keyword: 3})
    message = f"In context=('properties', 'x'), '{keyword}' is not permitted."
    assert refusal(check_strict, schema) == message


@pytest.mark.parametrize("part", DOCUMENTED, ids=lambda part: list(part)[-1])
def test_what_only_microsofts_page_lists_is_refused_by_the_documented_rules(part):
    schema = closed(x=part)
    check_strict(schema, where="w")
    message = f"In context=('properties', 'x'), '{list(part)[-1]}' is not permitted."
    assert refusal(check_documented, schema) == message


def test_a_function_with_a_union_at_its_root_has_other_words():
    assert refusal(check_strict, closed() | {"oneOf": [closed()]}, where=FUNCTION).endswith(
        "at the top level."
    )


LOOKING = {"type": "string", "pattern": r"^(?!\.)[a-z]+$"}


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"properties": {"email": LOOKING}}, "$.properties.email.pattern"),
        ({"properties": {"to": {"items": LOOKING}}}, "$.properties.to.items.pattern"),
        (
            {"$defs": {"Mail": {"properties": {"a-b": {"anyOf": [STRING, LOOKING]}}}}},
            "$['$defs'].Mail.properties['a-b'].anyOf[1].pattern",
        ),
        ({"properties": {"x": STRING | {"pattern": "(?<=a)b"}}}, "$.properties.x.pattern"),
    ],
)
def test_a_pattern_that_looks_around_is_named_by_its_path(schema, path):
    with pytest.raises(InvalidSchema) as refused:
        check_looks(schema)
    message = f"Invalid JSON schema: regex lookaround is not supported. Found at {path}."
    assert refused.value.message == message


@pytest.mark.parametrize("pattern", ["(?:a|b)", r"\(?=", "[(?=]", "(?P<n>a)", "a+"])
def test_a_pattern_that_only_resembles_one_that_looks_around_passes(pattern):
    check_looks({"properties": {"x": STRING | {"pattern": pattern}}})


NOT_SCHEMAS = [
    ([], "[] is not of type 'object', 'boolean'"),
    (closed(x={"type": "any"}), "'any' is not valid under any of the given schemas"),
    (
        closed(x={"type": ["string", "any"]}),
        "['string', 'any'] is not valid under any of the given schemas",
    ),
    (closed() | {"required": None}, "None is not of type 'array'"),
    (closed() | {"required": [1]}, "1 is not of type 'string'"),
    (closed() | {"required": ["a", "a"]}, "['a', 'a'] has non-unique elements"),
    (closed() | {"properties": []}, "[] is not of type 'object'"),
    (closed(x=STRING | {"pattern": r"\p{L}"}), r"'\\p{L}' is not a 'regex'"),
    (closed(x=STRING | {"minLength": "1"}), "'1' is not of type 'integer'"),
    (closed(x=STRING | {"minLength": -1}), "-1 is less than the minimum of 0"),
    (closed(x={"multipleOf": 0}), "0 is less than or equal to the minimum of 0"),
    (closed(x={"anyOf": []}), "[] should be non-empty"),
    (closed(x={"anyOf": ["a"]}), "'a' is not of type 'object', 'boolean'"),
    (closed(x={"items": "a"}), "'a' is not of type 'object', 'boolean'"),
]


@pytest.mark.parametrize("check", [check_schema, check_strict])
@pytest.mark.parametrize(("schema", "message"), NOT_SCHEMAS)
def test_what_is_no_schema_is_refused_with_strict_and_without(check, schema, message):
    assert refusal(check, schema, FUNCTION) == message


def test_a_function_has_to_declare_its_properties():
    message = refusal(check_schema, {"type": "object"}, FUNCTION)
    assert message == "In context=(), object schema missing properties."


def test_an_array_without_items_is_refused_without_strict_too():
    message = refusal(check_schema, closed(x={"type": "array"}), FUNCTION)
    assert message == "In context=('properties', 'x'), array schema missing items."


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "properties": {"a": True, "b": {"format": "date", "x-own": 1}}},
        closed(x={"type": "array", "prefixItems": [STRING]}, y={"oneOf": [{"minimum": 1}]}),
    ],
)
def test_without_strict_any_schema_of_an_object_passes(schema):
    check_schema(schema, where=FORMAT)


class Node(BaseModel):
    value: str
    next: "Node | None"
    tags: list[str]


def test_a_model_of_the_sdk_passes():
    check_strict(to_strict_json_schema(Node), where=FORMAT)


def test_a_reference_to_the_root_passes():
    check_strict(closed(all={"type": "array", "items": {"$ref": "#"}}), where=FORMAT)


def nested(levels):
    schema = STRING
    for _ in range(levels):
        schema = closed(a=schema)
    return schema


def test_ten_levels_pass():
    check_strict(nested(10), where=FORMAT)


LARGE = [
    (nested(11), "11 levels of nesting exceeds limit of 10."),
    (closed(**{f"p{n}": STRING for n in range(5001)}), "5001 parameters exceeds limit of 5000."),
    (closed(x=STRING | {"enum": [str(n) for n in range(1001)]}),
     f"{MANY_ENUMS}, but received 1001. {WAY_OUT}"),
    (closed(x=STRING | {"enum": [f"{n:061}" for n in range(251)]}),
     f"{LONG_ENUM}, but received 15311. {WAY_OUT}"),
    (closed(**{"a" * 120_001: STRING}), "120001 total characters exceeds limit of 120000."),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "message"), LARGE)
def test_strict_mode_limits_the_size(schema, message):
    assert refusal(check_strict, schema) == message


def test_a_level_of_nesting_is_an_object():
    assert excess(nested(6), Limits(levels=6)) is None
    assert excess(nested(6), Limits(levels=5)) == "6 levels of nesting exceeds limit of 5."


def test_two_hundred_and_fifty_enum_values_may_be_long():
    check_strict(closed(x=STRING | {"enum": [f"{n:0100}" for n in range(250)]}), where=FORMAT)


def test_definitions_names_and_constants_count_as_characters():
    schema = closed(x={"type": "string", "const": "abc"}) | {"definitions": {"defs": STRING}}
    message = excess(schema, Limits(characters=7))
    assert message == "8 total characters exceeds limit of 7."
