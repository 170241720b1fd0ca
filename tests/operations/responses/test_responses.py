import re
from typing import Any

import msgspec
import pytest

from simulator.catalogue.deployments import Deployments
from simulator.errors import InvalidRequest, VersionNotSupported
from simulator.latency import Tempo
from simulator.messages import Request
from simulator.operations.base import Call, Cost, Target
from simulator.storage.memory import MemoryContainer
from tests.operations.responses.instances import (
    MODEL,
    NOW,
    Instance,
    body_of,
    chunks_of,
    events_of,
    function,
)

TEXT_EVENTS = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
]
CALL_EVENTS = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "response.completed",
]
REASONING_EVENTS = [
    "response.output_item.added",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done",
    "response.reasoning_summary_part.done",
    "response.output_item.done",
]
WEATHER = "What is the weather in San Francisco?"


def order_of(events: list[dict[str, object]]) -> list[object]:
    """The types in their order, a run of one type told once."""
    types = [event["type"] for event in events]
    return [kind for kind, before in zip(types, [None, *types], strict=False) if kind != before]


def conversation(*texts: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text} for text in texts]


# What is recorded: the input's tokens, of which 6 or 7 are not its text's.
@pytest.mark.parametrize(
    ("model", "text", "tokens"),
    [
        ("gpt-5.4", "What is the capital of France? Answer in one word.", 18),
        ("gpt-5.1", "Say a single word.", 11),
        ("gpt-4o", "What is the capital of France?", 14),
    ],
)
async def test_the_input_is_counted_as_recorded(model: str, text: str, tokens: int) -> None:
    body = await Instance().create(model=model, input=conversation(text))
    assert body["usage"]["input_tokens"] == tokens


async def test_a_text_and_a_message_of_it_are_the_same_input() -> None:
    text = (await Instance().create(input="Say a single word."))["usage"]["input_tokens"]
    message = (await Instance().create(input=conversation("Say a single word.")))["usage"]
    assert message["input_tokens"] == text


@pytest.mark.parametrize("asked", [16, 17, 100])
async def test_a_cut_answer_has_exactly_the_tokens_asked_for(asked: int) -> None:
    body = await Instance().create(max_output_tokens=asked)
    assert body["usage"]["output_tokens"] == asked
    assert body["status"] == "incomplete"
    assert body["incomplete_details"] == {"reason": "max_output_tokens"}
    assert body["completed_at"] is None
    assert body["output"][0]["status"] == "incomplete"


async def test_reasoning_may_leave_no_room_for_a_message() -> None:
    body = await Instance().create(model="gpt-5", max_output_tokens=16)
    assert [item["type"] for item in body["output"]] == ["reasoning"]
    assert body["usage"]["output_tokens_details"] == {"reasoning_tokens": 16}


@pytest.mark.parametrize(
    ("model", "asked", "effort", "reasons"),
    [
        ("gpt-5", None, "medium", True),
        ("gpt-5", "minimal", "minimal", False),
        ("gpt-5.1", None, "none", False),
        ("gpt-5.1-codex-max", None, "medium", True),
        ("gpt-5.4-pro", None, "medium", True),
        ("gpt-5.1", "low", "low", True),
        ("o4-mini", "high", "high", True),
        ("gpt-4o", None, None, False),
    ],
)
async def test_a_model_reasons_as_the_request_says_or_by_itself(
    model: str, asked: str | None, effort: str | None, reasons: bool
) -> None:
    body = await Instance().create(model=model, reasoning={"effort": asked} if asked else None)
    assert body["reasoning"]["effort"] == effort
    assert ("reasoning" in [item["type"] for item in body["output"]]) == reasons


@pytest.mark.parametrize(
    ("model", "summary"), [("o4-mini", "concise"), ("gpt-5", "auto"), ("gpt-5", "detailed")]
)
async def test_a_summary_of_the_reasoning_is_given_when_asked_for(model: str, summary: str) -> None:
    body = await Instance().create(model=model, reasoning={"summary": summary})
    assert body["output"][0]["summary"][0]["text"].startswith("**Considering the request**\n\n")


async def test_no_summary_is_given_unasked() -> None:
    assert (await Instance().create(model="gpt-5"))["output"][0]["summary"] == []


async def test_encrypted_reasoning_is_included_when_asked_for() -> None:
    asked = await Instance().create(model="gpt-5", include=["reasoning.encrypted_content"])
    assert asked["output"][0]["encrypted_content"].startswith("gAAAAA")
    assert "encrypted_content" not in (await Instance().create(model="gpt-5"))["output"][0]


async def test_log_probabilities_are_one_for_each_token() -> None:
    body = await Instance().create(include=["message.output_text.logprobs"], top_logprobs=2)
    part = body["output"][0]["content"][0]
    assert "".join(entry["token"] for entry in part["logprobs"]) == part["text"]
    assert {len(entry["top_logprobs"]) for entry in part["logprobs"]} == {2}


async def test_nothing_left_to_chance_gives_the_same_text() -> None:
    instance = Instance()
    first, second = [(await instance.create(temperature=0))["output"][0] for _ in range(2)]
    assert first["content"] == second["content"]
    assert first["id"] != second["id"]


async def test_json_is_answered_in_json_mode() -> None:
    body = await Instance().create(input="as JSON", text={"format": {"type": "json_object"}})
    assert isinstance(msgspec.json.decode(body["output"][0]["content"][0]["text"]), dict)


async def test_a_schema_is_answered_with_an_instance_of_it() -> None:
    schema = function()["parameters"]
    form = {"type": "json_schema", "name": "place", "schema": schema, "strict": True}
    body = await Instance().create(text={"format": form})
    assert set(msgspec.json.decode(body["output"][0]["content"][0]["text"])) == {"location"}
    assert body["text"]["format"] == {**form, "description": None}


async def test_a_schema_without_instances_is_refused() -> None:
    schema = {"type": "object", "properties": {"a": {"enum": [1], "type": "string"}}}
    form = {"type": "json_schema", "name": "none", "schema": {**schema, "required": ["a"]}}
    with pytest.raises(InvalidRequest, match="no instance of it can be made"):
        await Instance().create(text={"format": form})


class TestStreams:
    async def test_a_text_comes_in_the_recorded_order_of_events(self) -> None:
        events = await Instance().stream()
        assert order_of(events) == TEXT_EVENTS
        assert [event["sequence_number"] for event in events] == list(range(len(events)))

    async def test_its_deltas_are_the_text(self) -> None:
        events = await Instance().stream()
        text = "".join(event["delta"] for event in events if event["type"].endswith("delta"))
        assert events[-4]["text"] == text
        assert events[-3]["part"]["text"] == text
        assert events[-1]["response"]["output"] == [events[-2]["item"]]
        assert events[-2]["item"]["content"][0]["text"] == text

    @pytest.mark.parametrize("model", ["gpt-5", "o3"])
    async def test_reasoning_comes_before_the_text_with_its_summary(self, model: str) -> None:
        events = await Instance().stream(model=model, reasoning={"summary": "auto"})
        assert order_of(events) == [*TEXT_EVENTS[:2], *REASONING_EVENTS, *TEXT_EVENTS[2:]]

    async def test_calls_come_in_the_recorded_order_of_events(self) -> None:
        events = await Instance().stream(input=WEATHER, tools=[function()])
        assert order_of(events) == CALL_EVENTS
        arguments = "".join(event["delta"] for event in events if event["type"].endswith("delta"))
        assert events[-3]["arguments"] == arguments == events[-2]["item"]["arguments"]

    async def test_parallel_calls_are_an_item_each(self) -> None:
        tools = [function("get_weather"), function("get_population")]
        events = await Instance().stream(input="weather and population of Rome", tools=tools)
        assert [item["name"] for item in events[-1]["response"]["output"]] == [
            "get_weather",
            "get_population",
        ]
        assert order_of(events) == [*CALL_EVENTS[:2], *CALL_EVENTS[2:6] * 2, CALL_EVENTS[-1]]

    async def test_json_is_escaped_in_its_deltas(self) -> None:
        events = await Instance().stream(input="JSON", text={"format": {"type": "json_object"}})
        text = "".join(event["delta"] for event in events if event["type"].endswith("delta"))
        assert isinstance(msgspec.json.decode(text), dict)

    async def test_log_probabilities_come_with_their_tokens(self) -> None:
        events = await Instance().stream(include=["message.output_text.logprobs"])
        deltas = [event for event in events if event["type"] == "response.output_text.delta"]
        assert deltas
        assert all(event["logprobs"][0]["token"] == event["delta"] for event in deltas)

    @pytest.mark.parametrize(
        ("kind", "rest", "body"),
        [
            ("output_text", 8, {"text": {"format": {"type": "json_object"}}, "input": "JSON"}),
            ("output_text", 8, {}),
            ("function_call_arguments", 3, {"tools": [function()], "tool_choice": "required"}),
            ("reasoning_summary_text", 4, {"reasoning": {"summary": "auto"}}),
        ],
    )
    async def test_a_delta_has_the_recorded_length(
        self, kind: str, rest: int, body: dict[str, Any]
    ) -> None:
        # Without the digits of its number, in 842 deltas recorded until 2026-08.
        answer = await Instance().answer({"model": "gpt-5", **body, "stream": True})
        data = [chunk.data for chunk in chunks_of(answer) if f"{kind}.delta".encode() in chunk.data]
        bare = [re.sub(rb'(?<="sequence_number":)\d+', b"", one.split(b"\n")[1]) for one in data]
        assert {(len(one) - len("data: ")) % 16 for one in bare} == {rest}

    @pytest.mark.parametrize("extra", [{}, {"model": "gpt-5", "reasoning": {"summary": "auto"}}])
    async def test_padding_is_left_out_when_asked(self, extra: dict[str, object]) -> None:
        events = await Instance().stream(stream_options={"include_obfuscation": False}, **extra)
        assert not any("obfuscation" in event for event in events)

    async def test_a_cut_text_ends_incomplete(self) -> None:
        events = await Instance().stream(max_output_tokens=16)
        assert events[-1]["type"] == "response.incomplete"
        assert events[-1]["response"]["status"] == "incomplete"

    async def test_nothing_follows_the_last_event(self) -> None:
        answer = await Instance().answer({"stream": True})
        assert b"[DONE]" not in chunks_of(answer)[-1].data

    async def test_events_are_due_as_the_tokens_are_made(self) -> None:
        instance = Instance(tempo=Tempo(1.0, 0.5))
        answer = await instance.answer({"stream": True, "max_output_tokens": 16})
        dues = [chunk.due for chunk in chunks_of(answer)]
        assert dues[:5] == [0.0, 0.0, 1.0, 1.0, 1.0]
        assert dues[5] == 1.5
        assert dues[-1] == 1.0 + 15 * 0.5
        assert dues == sorted(dues)

    async def test_a_summary_is_sent_while_the_model_thinks(self) -> None:
        instance = Instance(tempo=Tempo(1.0, 1.0))
        asked = {"model": "gpt-5", "reasoning": {"summary": "auto"}, "stream": True}
        answer = await instance.answer(asked)
        assert answer.usage is not None
        events, chunks = events_of(answer), chunks_of(answer)
        dues = [
            chunk.due
            for chunk, event in zip(chunks, events, strict=True)
            if event["type"] == "response.reasoning_summary_text.delta"
        ]
        assert dues[0] < answer.usage.reasoning / 2
        assert dues[-1] == answer.usage.reasoning
        assert [chunk.due for chunk in chunks] == sorted(chunk.due for chunk in chunks)


async def test_a_plain_answer_is_due_when_all_its_tokens_are_made() -> None:
    answer = await Instance(tempo=Tempo(1.0, 0.5)).answer({"max_output_tokens": 21})
    assert chunks_of(answer)[0].due == 11.0
    assert body_of(answer)["created_at"] == int(NOW)


class TestConversations:
    async def test_what_came_before_is_counted_on_another_instance_too(self) -> None:
        container = MemoryContainer()
        first = await Instance(container).create(input="Say a single word.", max_output_tokens=20)
        second = await Instance(container).create(input="And?", previous_response_id=first["id"])
        text = first["output"][0]["content"][0]["text"]
        asked = conversation("Say a single word.", "And?")
        asked.insert(1, {"role": "assistant", "content": text})
        alone = await Instance().create(input=asked)
        assert second["usage"]["input_tokens"] == alone["usage"]["input_tokens"]
        assert second["previous_response_id"] == first["id"]

    async def test_instructions_are_not_carried_over(self) -> None:
        instance = Instance()
        first = await instance.create(instructions="Be very brief.", max_output_tokens=16)
        without = await instance.create(max_output_tokens=16)
        usages = [
            (await instance.create(previous_response_id=response["id"]))["usage"]["input_tokens"]
            for response in (first, without)
        ]
        assert usages[0] == usages[1]
        assert first["usage"]["input_tokens"] > without["usage"]["input_tokens"]

    async def test_a_call_is_answered_and_then_a_text_follows(self) -> None:
        instance = Instance()
        first = await instance.create(input=WEATHER, tools=[function()])
        call = first["output"][0]
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "rain"}
        second = await instance.create(
            input=[output], previous_response_id=first["id"], tools=[function()]
        )
        assert [item["type"] for item in second["output"]] == ["message"]

    async def test_items_that_a_client_keeps_itself_come_to_the_same(self) -> None:
        instance = Instance()
        first = await instance.create(model="gpt-5", input=WEATHER, tools=[function()])
        call = first["output"][-1]
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "rain"}
        chained = await instance.create(
            model="gpt-5", input=[output], previous_response_id=first["id"], tools=[function()]
        )
        items = [*conversation(WEATHER), *first["output"], output]
        pasted = await instance.create(model="gpt-5", input=items, tools=[function()])
        assert pasted["usage"]["input_tokens"] == chained["usage"]["input_tokens"]

    async def test_a_reference_stands_for_its_item(self) -> None:
        instance = Instance()
        first = await instance.create(max_output_tokens=16)
        reference = {"type": "item_reference", "id": first["output"][0]["id"]}
        referred = await instance.create(input=[*conversation("hi"), reference])
        pasted = await instance.create(input=[*conversation("hi"), first["output"][0]])
        assert referred["usage"]["input_tokens"] == pasted["usage"]["input_tokens"]

    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            (
                {"previous_response_id": "resp_x"},
                "Previous response with id 'resp_x' not found.",
            ),
            ({"input": [{"id": "msg_x"}]}, "Item with id 'msg_x' not found."),
            (
                {
                    "input": [
                        {"type": "function_call_output", "call_id": "call_1", "output": "rain"}
                    ]
                },
                "No tool call found for function call output with call_id call_1.",
            ),
            (
                {
                    "input": [
                        {
                            "type": "function_call",
                            "call_id": "call_1",
                            "name": "weather",
                            "arguments": "{}",
                        }
                    ]
                },
                "No tool output found for function call call_1.",
            ),
        ],
    )
    async def test_what_is_not_there_is_refused(
        self, asked: dict[str, object], message: str
    ) -> None:
        with pytest.raises(InvalidRequest) as refusal:
            await Instance().create(**asked)
        assert refusal.value.message.startswith(message)

    async def test_a_call_left_open_before_is_refused_too(self) -> None:
        instance = Instance()
        first = await instance.create(input=WEATHER, tools=[function()])
        with pytest.raises(InvalidRequest, match="No tool output found"):
            await instance.create(input="Well?", previous_response_id=first["id"])

    async def test_what_was_not_stored_cannot_be_continued(self) -> None:
        instance = Instance()
        first = await instance.create(store=False)
        assert first["store"] is False
        with pytest.raises(InvalidRequest, match="not found"):
            await instance.create(previous_response_id=first["id"])

    async def test_an_input_beyond_the_window_is_refused(self) -> None:
        with pytest.raises(InvalidRequest, match="exceeds the context window"):
            await Instance().create(input=" word" * 130_000)

    async def test_or_cut_at_its_beginning_if_the_request_lets_it(self) -> None:
        long = conversation("first", " word" * 127_995, "last")
        body = await Instance().create(input=long, truncation="auto")
        alone = await Instance().create(input=conversation("last"))
        assert body["usage"]["input_tokens"] == alone["usage"]["input_tokens"]

    async def test_but_its_last_message_is_never_cut(self) -> None:
        with pytest.raises(InvalidRequest, match="exceeds the context window"):
            await Instance().create(input=" word" * 130_000, truncation="auto")


@pytest.mark.parametrize("version", ["2024-10-21", "2025-02-01-preview"])
async def test_an_older_api_version_is_refused(version: str) -> None:
    with pytest.raises(VersionNotSupported) as refusal:
        await Instance().answer({}, version=version)
    assert refusal.value.message == (
        "Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later"
    )


@pytest.mark.parametrize("version", ["", "v1", "preview", "2025-03-01-preview"])
async def test_a_newer_api_version_is_served(version: str) -> None:
    assert (await Instance().answer({}, version=version)).status == 200


async def test_the_parameters_are_shown_again() -> None:
    asked = {
        "instructions": "Be brief.",
        "max_output_tokens": 16,
        "max_tool_calls": 3,
        "metadata": {"a": "b"},
        "parallel_tool_calls": False,
        "prompt_cache_key": "key",
        "prompt_cache_retention": "24h",
        "safety_identifier": "someone",
        "temperature": 0.5,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "none",
        "tools": [function(description="Tells it.", output_schema=None)],
        "top_logprobs": 3,
        "top_p": 0.5,
        "truncation": "auto",
        "user": "me",
    }
    body = await Instance().create(**asked)
    assert {name: body[name] for name in asked} == asked


@pytest.mark.parametrize("limit", [16, 40])
async def test_all_input_counts_towards_the_limits(limit: int) -> None:
    operation = Instance().responses
    body = {"model": MODEL, "input": "hi", "instructions": "Be brief.", "max_output_tokens": limit}
    request = Request("POST", "/openai/v1/responses", body=msgspec.json.encode(body))
    target = Target(request, {}, "", Deployments().get(MODEL))
    asked = operation.parse(target)
    cost = operation.cost(Call(request, {}, "", target.deployment, operation, asked))
    assert cost == Cost(11, asked.prompt.tokens, limit, assumed_tokens=640)


def test_what_the_simulator_need_not_understand_costs_a_request_alone() -> None:
    operation = Instance().responses
    assert operation.cost(Call(Request("POST", "/"), {}, "", None, operation, None)) is None
