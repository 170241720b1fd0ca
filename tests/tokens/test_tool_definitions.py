from typing import Any

import pytest

from simulator.tokens.tokenizer import MessageText, Tokenizer
from simulator.tokens.tool_definitions import count_tools


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


def words(text: str) -> int:
    """One per word, to see what is counted."""
    return len(text.replace(":", " ").split())


def function(**fields: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", **fields}}


WEATHER = function(
    description="Get the current weather in a given location",
    parameters={
        "type": "object",
        "properties": {
            "location": {
                "type": "string",
                "description": "The city and state, e.g. San Francisco, CA",
            },
            "unit": {
                "type": "string",
                "description": "The unit of temperature to return",
                "enum": ["celsius", "fahrenheit"],
            },
        },
        "required": ["location"],
    },
)
WEATHER["function"]["name"] = "get_current_weather"
WEATHER_CHAT = [
    MessageText(
        "system",
        ("You are a helpful assistant that can answer to questions about the weather.",),
    ),
    MessageText("user", ("What's the weather like in San Francisco?",)),
]


@pytest.mark.parametrize(("encoding", "tokens"), [("cl100k_base", 105), ("o200k_base", 101)])
def test_the_cookbooks_example_costs_what_the_api_reported(
    tokenizer: Tokenizer, encoding: str, tokens: int
) -> None:
    messages = tokenizer.count_messages(
        WEATHER_CHAT, encoding=encoding, tokens_per_message=3, tokens_per_name=1, priming=3
    )
    tools = count_tools(
        [WEATHER], encoding=encoding, count=lambda text: tokenizer.count(text, encoding)
    )
    assert messages + tools == tokens


def test_no_tools_cost_nothing() -> None:
    assert count_tools([], encoding="o200k_base", count=words) == 0


def test_the_end_is_paid_once_for_all_functions() -> None:
    assert count_tools([function(), function()], encoding="o200k_base", count=words) == 28


@pytest.mark.parametrize(
    ("parameters", "extra"),
    [
        ({}, 0),
        ({"properties": {"p": {"type": "string"}}}, 3 + 3 + 2),
        ({"properties": {"p": {"type": ["string", "null"]}}}, 3 + 3 + 2),
        ({"properties": {"p": {"enum": ["a", "b"]}}}, 3 + 3 + 1 - 3 + 4 + 4),
        ({"properties": {"p": {"properties": {"q": {}}}}}, 3 + 3 + 1 + 3 + 3 + 1),
        ({"properties": {"p": {"items": {"properties": {"q": {}}}}}}, 3 + 3 + 1 + 3 + 3 + 1),
        ({"properties": {"p": {"description": "some words."}}}, 3 + 3 + 3),
        ({"properties": ["not", "a", "mapping"]}, 0),
        ({"properties": {"p": None}}, 3 + 3 + 1),
    ],
)
def test_parameters_cost_their_properties(parameters: dict[str, Any], extra: int) -> None:
    tools = [function(parameters=parameters)]
    assert count_tools(tools, encoding="o200k_base", count=words) == 7 + 1 + 12 + extra


@pytest.mark.parametrize("tool", [None, 7, {}, {"type": "custom"}, {"function": "f"}])
def test_what_is_no_function_costs_nothing(tool: object) -> None:
    assert count_tools([tool], encoding="o200k_base", count=words) == 0


def test_a_deeply_nested_schema_is_counted() -> None:
    schema: dict[str, Any] = {}
    for _ in range(5000):
        schema = {"properties": {"p": schema}}
    assert count_tools([function(parameters=schema)], encoding="o200k_base", count=words) > 5000
