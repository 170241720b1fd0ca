"""Responses against recordings: of Azure (2026-03 to 2026-08), and two streams of OpenAI (2025-03),
whose events have the same order."""

import json
from typing import Any

import httpx2
import msgspec
import pytest

from tests.operations.responses.instances import Instance, chunks_of, function
from tests.wire.recorded import recorded, recorded_json

RECORDED = recorded_json("response_2026-07.json")
# Members that events and items have had since the recordings of 2025-03: those of Azure (2026-02).
_LATER = {"sequence_number", "obfuscation", "logprobs"}
# What answers have had since the recording of 2026-07 (2026-08).
NEWEST = recorded_json("response_members_2026-08.json")


def events_of(stream: bytes) -> list[dict[str, Any]]:
    return [
        json.loads(line.removeprefix(b"data: "))
        for line in stream.split(b"\n")
        if line.startswith(b"data: ")
    ]


def shape(value: object) -> object:
    """The value with its type in the place of each text and number; an empty list is any list."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value).__name__


def _of_2026_07(made: dict[str, Any]) -> dict[str, Any]:
    """The answer without what the service has added since."""
    usage = made["usage"]
    details = {"cached_tokens": usage["input_tokens_details"]["cached_tokens"]}
    older = {name: value for name, value in made.items() if name != "tool_usage"}
    return {**older, "usage": {**usage, "input_tokens_details": details}}


async def test_an_answer_has_the_recorded_members_and_types() -> None:
    request = {**RECORDED["request"], "stream": False}
    made = await Instance().create(**request)
    expected = RECORDED["response"]
    assert shape(_of_2026_07(made)) == shape(expected)


async def test_what_does_not_depend_on_the_answer_is_as_recorded() -> None:
    made, expected = await Instance().create(**RECORDED["request"]), RECORDED["response"]
    own = {"id", "created_at", "completed_at", "output", "usage", "content_filters", "tool_usage"}
    assert {name: made[name] for name in made.keys() - own} == {
        name: expected[name] for name in expected.keys() - own
    }
    assert made["usage"]["input_tokens"] == expected["usage"]["input_tokens"]


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-5-nano", "gpt-5.6-sol"])
async def test_an_answer_has_the_members_of_the_newest_era_in_their_order(model: str) -> None:
    made = await Instance().create(model=model, tools=[function()], reasoning=None)
    assert list(made) == NEWEST["response"]
    assert list(made["reasoning"]) == NEWEST["reasoning"]
    assert list(made["tools"][0]) == NEWEST["function"]
    assert list(made["usage"]["input_tokens_details"]) == NEWEST["input_tokens_details"]
    assert made["tool_usage"] == NEWEST["tool_usage"]
    events = await Instance().stream(model=model)
    assert list(events[0]["response"]) == list(events[-1]["response"]) == NEWEST["response"]


@pytest.mark.parametrize(
    ("model", "shown"),
    [
        ("gpt-5-nano", ("current_turn", "medium", 1.0, "in_memory")),
        ("gpt-5.1", ("current_turn", "none", 1.0, None)),
        ("gpt-5.2-chat", ("current_turn", "medium", 0.85, None)),
        ("gpt-5.4", ("current_turn", "none", 0.98, "in_memory")),
        ("gpt-5.5", ("current_turn", "medium", 0.98, "24h")),
        ("gpt-5.6-sol", ("all_turns", "medium", 0.98, "in_memory")),
        ("gpt-5.6-luna", ("all_turns", "medium", 0.98, "24h")),
    ],
)
async def test_a_model_has_the_recorded_defaults(model: str, shown: tuple[object, ...]) -> None:
    made = await Instance().create(model=model)
    reasoning = made["reasoning"]
    defaults = (reasoning["context"], reasoning["effort"])
    assert (*defaults, made["top_p"], made["prompt_cache_retention"]) == shown
    assert reasoning["mode"] == "standard"
    first = "message" if shown[1] == "none" else "reasoning"
    assert made["output"][0]["type"] == first


async def test_the_body_is_indented_in_ascii_without_a_line_end() -> None:
    # So are the recorded bodies of 2025-08 to 2026-08, by their content lengths.
    body = {**RECORDED["request"], "instructions": "Bé brief 😄."}
    data = chunks_of(await Instance().answer(body))[0].data
    assert data.decode() == json.dumps(msgspec.json.decode(data), indent=2)
    assert data.isascii()


async def _made(kind: str) -> list[dict[str, Any]]:
    if kind == "text":
        return await Instance().stream(input="What is the capital of France?")
    tool = function("get_capital", description="")
    return await Instance().stream(input="What is the capital of France?", tools=[tool])


def _run(events: list[dict[str, Any]]) -> list[str]:
    types = [event["type"] for event in events]
    return [kind for kind, before in zip(types, ["", *types], strict=False) if kind != before]


@pytest.mark.parametrize("kind", ["text", "call"])
async def test_the_events_of_a_stream_come_in_the_recorded_order(kind: str) -> None:
    expected = events_of(recorded(f"openai_response_{kind}_2025-03.sse"))
    assert _run(await _made(kind)) == _run(expected)


@pytest.mark.parametrize("kind", ["text", "call"])
async def test_each_event_has_the_recorded_members(kind: str) -> None:
    made = {event["type"]: event for event in await _made(kind)}
    for event in events_of(recorded(f"openai_response_{kind}_2025-03.sse")):
        mine = made[event["type"]]
        assert event.keys() - {"response"} == mine.keys() - _LATER - {"response"}
        for holder in ("item", "part"):
            if holder in event:
                assert event[holder].keys() == mine[holder].keys() - _LATER
        assert event.get("response", {}).keys() <= mine.get("response", {}).keys()


@pytest.mark.parametrize("summary", [None, "auto"])
@pytest.mark.parametrize("tools", [None, [function()]])
async def test_the_members_of_an_event_come_by_the_alphabet_behind_its_type(
    summary: str | None, tools: list[dict[str, Any]] | None
) -> None:
    events = await Instance().stream(
        model="gpt-5", input="weather", reasoning={"summary": summary}, tools=tools
    )
    for event in events:
        assert list(event) == ["type", *sorted(event.keys() - {"type"})]
    kinds = {event["type"]: list(event) for event in events}
    if tools is None:
        assert kinds["response.output_text.delta"] == NEWEST["response.output_text.delta"]


async def test_an_event_is_compact() -> None:
    answer = await Instance().answer({"stream": True})
    chunks = chunks_of(answer)
    assert len(chunks) > 5
    for chunk in chunks:
        data = chunk.data.split(b"\n")[1].removeprefix(b"data: ")
        assert data == msgspec.json.format(data, indent=-1)


def test_without_a_model_there_is_the_recorded_answer(http: httpx2.Client) -> None:
    for query in ("responses?api-version=2025-04-01-preview", "v1/responses"):
        response = http.post(f"/openai/{query}", json={"input": "Hello"})
        assert response.status_code == 400
        assert response.content == recorded("missed_model_2026-03.json")
        assert "content-type" not in response.headers
        assert "x-request-id" not in response.headers
