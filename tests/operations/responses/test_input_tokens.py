"""The tokens of an input, counted before the request is made."""

from typing import Any

import httpx2
import openai
import pytest

from tests.operations.responses.instances import function

MODEL = "gpt-5-mini"
ANSWERED = [
    {"role": "user", "content": "What is the weather?"},
    {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c1", "output": "rain"},
]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
FORMAT = {"type": "json_schema", "name": "place", "schema": SCHEMA, "strict": True}


@pytest.mark.parametrize(
    "request_",
    [
        {"input": "Hello there"},
        {"input": "Hello", "instructions": "Be kind."},
        {"input": ANSWERED, "tools": [function()], "tool_choice": "auto"},
        {"input": "Where?", "text": {"format": FORMAT}},
        {"input": "Think", "reasoning": {"effort": "low"}, "truncation": "auto"},
    ],
)
def test_they_are_those_of_the_response_itself(v1: openai.OpenAI, request_: dict[str, Any]) -> None:
    counted = v1.responses.input_tokens.count(model=MODEL, **request_)
    type(counted).model_validate(counted.to_dict(), strict=True)
    made: Any = v1.responses.create(model=MODEL, store=False, **request_)
    assert counted.input_tokens == made.usage.input_tokens


def test_those_of_the_responses_before_are_counted(v1: openai.OpenAI) -> None:
    first = v1.responses.create(model=MODEL, input="Hello")
    more: dict[str, Any] = {"model": MODEL, "input": "And?", "previous_response_id": first.id}
    counted = v1.responses.input_tokens.count(**more)
    made: Any = v1.responses.create(**more)
    assert counted.input_tokens == made.usage.input_tokens


@pytest.mark.parametrize(
    ("param", "body"),
    [
        ("temperature", {"temperature": 1}),
        ("input", {"input": None}),
        ("input[0]", {"input": [{"role": "nobody", "content": "x"}]}),
        ("reasoning.effort", {"reasoning": {"effort": "most"}}),
        ("previous_response_id", {"previous_response_id": "resp_" + "0" * 50}),
        (None, {"model": None}),
    ],
)
def test_what_a_response_refuses_is_refused(
    http: httpx2.Client, param: str | None, body: dict[str, Any]
) -> None:
    whole = {"model": MODEL, "input": "Hello"} | body
    answer = http.post("/openai/v1/responses/input_tokens", json=whole)
    assert answer.status_code == 400
    assert answer.json()["error"].get("param") == param
