"""Schemas that only some models take, in chat and in responses."""

from typing import Any

import pytest

from tests.conftest import API_VERSION, MakeSimulator
from tests.support.asking import Reply, ask

# What zod writes for an e-mail address.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"email": {"type": "string", "pattern": r"^(?!\.)[a-z.]+@[a-z.]+$"}},
    "required": ["email"],
    "additionalProperties": False,
}
FUNCTION: dict[str, Any] = {"name": "send", "parameters": SCHEMA}
FORMAT: dict[str, Any] = {"name": "mail", "strict": True, "schema": SCHEMA}
PLACES: dict[str, tuple[dict[str, Any], str]] = {
    "chat tool": ({"tools": [{"type": "function", "function": FUNCTION}]}, "tools"),
    "chat format": (
        {"response_format": {"type": "json_schema", "json_schema": FORMAT}},
        "response_format",
    ),
    "tool": ({"tools": [{"type": "function", **FUNCTION}]}, "tools"),
    "format": ({"text": {"format": {"type": "json_schema", **FORMAT}}}, "text.format.schema"),
}


async def asked(make_simulator: MakeSimulator, model: str, place: str) -> Reply:
    members = PLACES[place][0]
    if place.startswith("chat"):
        body = {"messages": [{"role": "user", "content": "Hello"}], **members}
        path = f"/openai/deployments/{model}/chat/completions"
        return await ask(make_simulator(), path, body, query=f"api-version={API_VERSION}")
    body = {"model": model, "input": "Hello", **members}
    return await ask(make_simulator(), "/openai/v1/responses", body, query="")


@pytest.mark.parametrize("place", PLACES)
async def test_models_since_gpt_5_5_refuse_patterns_that_look_around(
    make_simulator: MakeSimulator, place: str
) -> None:
    reply = await asked(make_simulator, "gpt-5.5", place)
    message = "Invalid JSON schema: regex lookaround is not supported. Found at $.properties.email.pattern."
    assert (reply.status, reply.error) == (400, (message, PLACES[place][1], "invalid_json_schema"))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("model", ["gpt-4.1", "gpt-5.4"])
async def test_older_models_take_them(
    make_simulator: MakeSimulator, model: str, place: str
) -> None:
    assert (await asked(make_simulator, model, place)).status == 200


REFUSALS = {
    "chat tool": "tools is not supported in this model.",
    "chat format": "Invalid parameter: 'response_format' of type 'json_schema' is not supported",
    "tool": "Functions are not supported with gpt-5-chat-2025-10-03.",
    "format": "Invalid parameter: 'text.format' of type 'json_schema' is not supported",
}


@pytest.mark.parametrize("place", PLACES)
async def test_gpt_5_chat_takes_neither_functions_nor_schemas(
    make_simulator: MakeSimulator, place: str
) -> None:
    reply = await asked(make_simulator, "gpt-5-chat", place)
    assert reply.status == 400
    assert reply.error[0].startswith(REFUSALS[place])
