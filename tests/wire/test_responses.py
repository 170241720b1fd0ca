"""Responses against recordings: one of Azure (2026-07), and two streams of OpenAI (2025-03), whose
events have the same order."""

import json
from typing import Any

import msgspec
import pytest

from tests.operations.responses.instances import Instance, chunks_of, function
from tests.wire.recorded import recorded, recorded_json

RECORDED = recorded_json("response_2026-07.json")
# Members that events and items have had since the recordings of 2025-03: those of Azure (2026-02).
_LATER = {"sequence_number", "obfuscation", "logprobs"}


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


async def test_an_answer_has_the_recorded_members_and_types() -> None:
    request = {**RECORDED["request"], "stream": False}
    made = await Instance().create(**request)
    expected = RECORDED["response"]
    assert shape(made) == shape(expected)


async def test_what_does_not_depend_on_the_answer_is_as_recorded() -> None:
    made, expected = await Instance().create(**RECORDED["request"]), RECORDED["response"]
    own = {"id", "created_at", "completed_at", "output", "usage", "content_filters"}
    assert {name: made[name] for name in made.keys() - own} == {
        name: expected[name] for name in expected.keys() - own
    }
    assert made["usage"]["input_tokens"] == expected["usage"]["input_tokens"]


async def test_the_body_is_written_with_the_recorded_blanks() -> None:
    # The recorded body of 2301 bytes (its content length) is this long only with a blank after each
    # comma and colon.
    answer = await Instance().answer(RECORDED["request"])
    data = chunks_of(answer)[0].data
    assert data.decode() == json.dumps(msgspec.json.decode(data), ensure_ascii=False)
    assert len(json.dumps(RECORDED["response"])) == 2301


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


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (
            "response.output_text.delta",
            [
                *("type", "sequence_number", "item_id", "output_index", "content_index", "delta"),
                *("logprobs", "obfuscation"),
            ],
        ),
        (
            "response.reasoning_summary_text.delta",
            [
                *("type", "sequence_number", "item_id", "output_index", "summary_index", "delta"),
                "obfuscation",
            ],
        ),
        (
            "response.function_call_arguments.delta",
            ["type", "sequence_number", "item_id", "output_index", "delta", "obfuscation"],
        ),
        ("response.created", ["type", "sequence_number", "response"]),
        ("response.output_item.done", ["type", "sequence_number", "output_index", "item"]),
    ],
)
async def test_members_come_in_the_order_of_azures_streams(kind: str, expected: list[str]) -> None:
    events = await Instance().stream(
        model="gpt-5",
        input="weather",
        reasoning={"summary": "auto"},
        tools=[function()] if "call" in kind else None,
    )
    assert list(next(event for event in events if event["type"] == kind)) == expected
