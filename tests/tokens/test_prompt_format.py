"""Prompt tokens of recorded exchanges (Azure OpenAI and OpenAI, 2024 to 2026), and what the texts are."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.catalogue.models import all_models
from simulator.tokens.prompt_format import (
    GPT_4O,
    GPT_5,
    GPT_54,
    O_SERIES,
    FunctionCall,
    PromptFormat,
    ResponseFormat,
    Tools,
)
from simulator.tokens.response_format_text import response_format_text
from simulator.tokens.tokenizer import Tokenizer
from simulator.tokens.tool_text import tools_text

RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "prompt_tokens.json").read_text()
)
EXACT = [case for case in RECORDED if case["exact"]]
TOKENIZER = Tokenizer()

names = st.from_regex(r"[a-z_]{1,20}", fullmatch=True)
words = st.text(alphabet="abc .\n-é", max_size=30)
leaves = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["string", "integer", "number", "boolean"])},
        optional={"description": words, "title": words, "default": st.none() | st.integers()},
    ),
    st.fixed_dictionaries({"enum": st.lists(words | st.integers(), min_size=1, max_size=3)}),
    st.fixed_dictionaries({"type": st.just(["string", "null"])}, optional={"description": words}),
)


def _object(properties: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(names, properties, max_size=3)},
        optional={"required": st.lists(names, max_size=2), "description": words},
    )


schemas = st.recursive(
    leaves,
    lambda inner: (
        _object(inner)
        | st.fixed_dictionaries({"type": st.just("array"), "items": inner})
        | st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=2)})
    ),
    max_leaves=6,
)
functions = st.fixed_dictionaries(
    {"name": names, "description": words}, optional={"parameters": _object(schemas)}
)


def count(text: str) -> int:
    return TOKENIZER.count(text, "o200k_base")


def _prompt_tokens(http: httpx2.Client, case: dict[str, Any]) -> int:
    model, body = case["model"], case["body"]
    if case["api"] == "responses":
        answer = http.post("/openai/v1/responses", json={"model": model, **body})
        return answer.json()["usage"]["input_tokens"]
    path = f"/openai/deployments/{model}/chat/completions?api-version=2025-03-01-preview"
    return http.post(path, json=body).json()["usage"]["prompt_tokens"]


@pytest.mark.parametrize(
    "case", EXACT, ids=[f"{i}-{case['model']}-{case['api']}" for i, case in enumerate(EXACT)]
)
def test_recorded_prompts_cost_what_the_service_reported(
    http: httpx2.Client, case: dict[str, Any]
) -> None:
    assert _prompt_tokens(http, case) == case["tokens"]


def test_every_count_of_azure_is_exact_and_the_others_are_near(http: httpx2.Client) -> None:
    others = [case for case in RECORDED if not case["exact"]]
    assert "Azure OpenAI" not in {case["service"] for case in others}
    assert all(abs(_prompt_tokens(http, case) - case["tokens"]) <= 6 for case in others)


@pytest.mark.parametrize("format_", [GPT_4O, GPT_5, O_SERIES], ids=["4o", "5", "o"])
@given(offered=st.lists(functions, min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_tools_cost_the_tokens_of_their_text_and_a_constant(
    format_: PromptFormat, offered: list[dict[str, Any]]
) -> None:
    shown = count(tools_text(offered, union=format_.union))
    extra = format_.described if any(tool["description"] for tool in offered) else 0
    tools = Tools(offered)
    assert format_.tools(tools, None, "chat", count) == shown + format_.chat + extra
    assert format_.tools(tools, None, "responses", count) == shown + format_.responses + extra


def test_no_tools_cost_nothing() -> None:
    assert GPT_4O.tools(Tools([]), "Be brief.", "chat", count) == 0


def test_each_property_stands_in_the_text_with_its_comments() -> None:
    address = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    function = {
        "name": "book",
        "description": "Book a table.\n\n    Args:\n        when: the day",
        "parameters": {
            "type": "object",
            "$defs": {"Address": address},
            "properties": {
                "when": {"type": "string", "title": "When", "description": "The day"},
                "table": {"type": ["integer", "null"], "title": "Table"},
                "kind": {"enum": ["in", "out"], "default": "in"},
                "where": {"$ref": "#/$defs/Address"},
                "guests": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["when"],
        },
    }
    assert tools_text([function], union="|").splitlines()[6:] == [
        "// Book a table.",
        "//",
        "// Args:",
        "// when: the day",
        "type book = (_: {",
        "// When",
        "// The day",
        "when: string,",
        "table?: number|null // Table",
        'kind?: "in" | "out" // default: "in"',
        "where?: { city: string },",
        "guests?: string[],",
        "}) => any;",
        "",
        "} // namespace functions",
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {"properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"$ref": "#/$defs/A"}}},
        {"properties": {"a": {"$ref": "#/$defs/nowhere"}}},
        {"properties": {"a": 3, "b": None, "c": {"type": 7}, "d": {"anyOf": 1}}},
        {"properties": [1, 2]},
        {
            "properties": {"a": {"$ref": "#/$defs/A"}},
            "$defs": {
                "A": {
                    "type": "object",
                    "properties": {n: {"$ref": "#/$defs/A"} for n in "abcdefgh"},
                }
            },
        },
    ],
    ids=["circle", "nowhere", "no-schemas", "no-properties", "branching-circle"],
)
def test_any_shape_of_parameters_has_a_bounded_text(parameters: dict[str, Any]) -> None:
    assert len(tools_text([{"name": "f", "parameters": parameters}], union="|")) < 3_000_000


def test_a_deep_schema_is_read_to_a_depth() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(5000):
        schema = {"type": "object", "properties": {"a": schema}}
    assert "any" in tools_text([{"name": "f", "parameters": schema}], union="|")
    assert response_format_text("f", "", schema, frozenset({"required"}))


def test_one_call_costs_its_name_twice_and_its_arguments_without_blanks() -> None:
    call = FunctionCall("get_weather", '{"city": "Rome"}')
    assert GPT_5.calls([call], "chat", count) == GPT_4O.calls([call], "chat", count) + 6
    spaced = FunctionCall("get_weather", '{ "city":  "Rome" }')
    assert GPT_4O.calls([spaced], "chat", count) == GPT_4O.calls([call], "chat", count)
    broken = FunctionCall("get_weather", '{"city": ')
    assert GPT_4O.calls([broken], "chat", count) > 4


def test_a_schema_is_shown_without_what_constrains_but_names_nothing() -> None:
    schema = {
        "type": "object",
        "properties": {"required": {"type": "string", "title": "é"}},
        "required": ["required"],
        "additionalProperties": False,
    }
    shown = response_format_text("Answer", "An answer", schema, GPT_4O.dropped)
    assert shown == (
        "# Response Formats\n\n## Answer\n\n// An answer\n"
        '{"type":"object","properties":{"required":{"type":"string","title":"\\u00e9"}}}'
    )


def test_a_schema_costs_more_where_each_answer_names_it() -> None:
    form = ResponseFormat("Answer", "", {"type": "object"})
    one, two = (GPT_4O.schema(form, None, "chat", count, answers=n) for n in (1, 2))
    assert two - one == 2 + count("Answer")
    assert GPT_5.schema(form, None, "chat", count, answers=2) == GPT_5.schema(
        form, None, "chat", count, answers=1
    )


def test_every_family_has_its_format() -> None:
    formats = {model.name: model.prompt_format for model in all_models()}
    assert formats["gpt-4o"] is formats["gpt-4.1-mini"] is GPT_4O
    assert formats["o3-mini"] is formats["o1"] is O_SERIES
    assert formats["gpt-5"] is formats["gpt-5.2"] is GPT_5
    assert formats["gpt-5.4-nano"] is formats["gpt-6-sol"] is GPT_54


@pytest.mark.parametrize("arguments", ["[" * 5_000, "[" * 5_000 + "]" * 5_000, '{"a":' * 5_000])
def test_arguments_that_are_nested_too_deeply_count_as_they_are(arguments: str) -> None:
    deep, flat = FunctionCall("f", arguments), FunctionCall("f", "{}")
    for form in {id(model.prompt_format): model.prompt_format for model in all_models()}.values():
        for calls, less in ([deep], [flat]), ([deep, deep], [flat, flat]):
            counts = [form.calls(calls, "chat", len) for calls in (calls, less)]
            assert counts[0] - counts[1] >= len(arguments) - 2
