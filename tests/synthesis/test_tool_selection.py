import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.synthesis.keywords import property_names, stems
from simulator.synthesis.tool_selection import Tool, ToolChoice, Turn, chosen

WEATHER = Tool(
    "get_weather",
    "Get the current weather in a given location",
    {"type": "object", "properties": {"location": {"type": "string"}}},
)
TIME = Tool("get_current_time", "The time of day", {"properties": {"zone": {"type": "string"}}})
FORECAST = Tool("get_weather_forecast", "What the weather will be")
ORDER = Tool("placeOrder", "Buy a product")
OPAQUE = Tool("f")
TOOLS = (WEATHER, TIME, FORECAST, ORDER, OPAQUE)


def names(text: str, choice: ToolChoice | None = None, **options: bool) -> list[str]:
    called = chosen(TOOLS, choice or ToolChoice(), Turn(text), **options)
    return [tool.name for tool in called]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("What's the WEATHER like?", ["get_weather"]),
        ("forecast the weather", ["get_weather_forecast"]),
        ("I want to order shoes", ["placeOrder"]),
        ("which products are there?", ["placeOrder"]),
        ("Which zones are there?", ["get_current_time"]),
        ("use f", ["f"]),
        ("Call PLACEORDER now", ["placeOrder"]),
    ],
)
def test_the_tool_that_matches_best_is_called(text: str, called: list[str]) -> None:
    assert names(text) == called


@pytest.mark.parametrize("text", ["Tell me a joke", "", "please get the current information", "ff"])
def test_a_text_that_shares_no_word_calls_nothing(text: str) -> None:
    assert names(text) == []


def test_several_tools_are_called_that_each_have_a_word_of_their_own() -> None:
    assert names("time, weather and an order") == ["get_weather", "get_current_time", "placeOrder"]


def test_a_description_alone_calls_no_further_tool() -> None:
    assert names("buy an umbrella for this weather") == ["get_weather"]


def test_all_tools_that_are_named_are_called() -> None:
    text = "First get_weather_forecast, then get_weather"
    assert names(text) == ["get_weather", "get_weather_forecast"]


def test_without_parallel_calls_the_best_tool_is_called_alone() -> None:
    assert names("time, weather and an order", parallel=False) == ["get_weather"]


def test_none_calls_nothing() -> None:
    assert names("call get_weather", ToolChoice("none")) == []


def test_required_calls_the_first_tool_where_no_word_is_shared() -> None:
    assert names("Tell me a joke", ToolChoice("required")) == ["get_weather"]


def test_a_choice_is_confined_to_its_names() -> None:
    choice = ToolChoice("required", frozenset({"get_current_time"}))
    assert names("What's the weather?", choice) == ["get_current_time"]
    assert names("What's the weather?", ToolChoice("auto", frozenset({"f"}))) == []


def test_names_that_nothing_offered_has_call_nothing() -> None:
    assert names("weather", ToolChoice("required", frozenset({"unknown"}))) == []


def test_after_a_result_auto_calls_nothing() -> None:
    turn = Turn("What's the weather?", ["get_weather"], answered=True)
    assert chosen(TOOLS, ToolChoice(), turn) == ()


def test_after_a_result_required_prefers_what_was_not_called_yet() -> None:
    final = Tool("final_result", "The answer to give")
    turn = Turn("What's the weather?", ["get_weather"], answered=True)
    assert chosen((WEATHER, final), ToolChoice("required"), turn) == (final,)


def test_after_all_results_required_calls_the_last_tool_again() -> None:
    turn = Turn("What's the weather?", ["get_weather", "f"], answered=True)
    assert chosen((WEATHER, OPAQUE), ToolChoice("required"), turn) == (OPAQUE,)


@given(st.text(max_size=200), st.randoms())
def test_the_rule_answers_any_text_and_always_the_same(text: str, rng: random.Random) -> None:
    tools = list(TOOLS)
    rng.shuffle(tools)
    called = chosen(tools, ToolChoice(), Turn(text))
    assert called == chosen(tools, ToolChoice(), Turn(text))
    assert all(tool in TOOLS for tool in called)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("getWeatherForCity", ["weather", "cit"]),
        ("the cities' orders, ordered", ["cit", "order", "order"]),
        ("naïve Größe 漢字", ["naïv", "größ", "漢字"]),
        ("HTTP2Server", ["http2", "server"]),
    ],
)
def test_words_are_compared_by_their_stems(text: str, expected: list[str]) -> None:
    assert stems(text) == expected


def test_property_names_are_found_at_any_depth() -> None:
    schema = {
        "properties": {
            "a": {"type": "array", "items": {"properties": {"b": {}}}},
            "c": {"anyOf": [{"properties": {"d": {}}}]},
        }
    }
    assert set(property_names(schema)) == {"a", "b", "c", "d"}
