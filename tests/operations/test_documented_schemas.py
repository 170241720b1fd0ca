"""`STRICT_SCHEMA` decides which keywords a strict schema may hold."""

from typing import Any

import pytest

from tests.conftest import API_VERSION, MakeSimulator
from tests.support.asking import ask

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"age": {"type": "integer", "minimum": 7, "maximum": 9}},
    "required": ["age"],
    "additionalProperties": False,
}
FUNCTION: dict[str, Any] = {"name": "set_age", "strict": True, "parameters": SCHEMA}
CHAT = "/openai/deployments/gpt-4o/chat/completions"
HELLO = {"messages": [{"role": "user", "content": "Hello"}]}
ASKED: list[tuple[str, dict[str, Any], str]] = [
    (
        CHAT,
        HELLO | {"tools": [{"type": "function", "function": FUNCTION}]},
        "tools[0].function.parameters",
    ),
    (
        CHAT,
        HELLO
        | {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "age", "strict": True, "schema": SCHEMA},
            }
        },
        "response_format",
    ),
    (
        "/openai/v1/responses",
        {"model": "gpt-4o", "input": "Hello", "tools": [{"type": "function", **FUNCTION}]},
        "tools[0].parameters",
    ),
    (
        "/openai/v1/responses",
        {
            "model": "gpt-4o",
            "input": "Hello",
            "text": {
                "format": {"type": "json_schema", "name": "age", "strict": True, "schema": SCHEMA}
            },
        },
        "text.format.schema",
    ),
]
EVERY = pytest.mark.parametrize(
    ("path", "body", "param"), ASKED, ids=["chat-tool", "chat-format", "tool", "format"]
)


def query(path: str) -> str:
    return "" if "/v1/" in path else f"api-version={API_VERSION}"


@EVERY
async def test_bounds_are_taken_today(
    make_simulator: MakeSimulator, path: str, body: dict[str, Any], param: str
) -> None:
    assert (await ask(make_simulator(), path, body, query=query(path))).status == 200


@EVERY
async def test_bounds_are_refused_by_the_documented_rules(
    make_simulator: MakeSimulator, path: str, body: dict[str, Any], param: str
) -> None:
    reply = await ask(make_simulator(strict_schema="documented"), path, body, query=query(path))
    message, named, _ = reply.error
    assert (reply.status, named) == (400, param)
    assert "In context=('properties', 'age'), 'minimum' is not permitted." in message
