"""Chosen answers, as real clients get them: a text or calls, plain, streamed and parsed."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pydantic
import pytest
import tiktoken
from openai.types.chat import ChatCompletionMessageToolCall

from tests.rules.conftest import Host

CAPITAL = {"name": "capital", "when": {"contains": "capital of France"}, "reply": "It is Paris."}
QUESTION = "What is the capital of France?"
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def tokens(text: str) -> int:
    return len(tiktoken.get_encoding("o200k_base").encode(text))


def test_a_reply_is_answered_with_its_true_tokens(host: Host) -> None:
    host.put(CAPITAL)
    answer = host.azure.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": QUESTION}]
    )
    assert answer.choices[0].message.content == "It is Paris."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage
    assert answer.usage.completion_tokens == tokens("It is Paris.")


def test_another_question_is_answered_as_ever(host: Host) -> None:
    host.put(CAPITAL)
    assert "Paris" not in host.said("What is the capital of Italy?")


def test_a_reply_streams_token_by_token(host: Host) -> None:
    host.put(CAPITAL)
    stream = host.azure.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    pieces = [
        chunk.choices[0].delta.content
        for chunk in stream
        if chunk.choices and chunk.choices[0].delta.content
    ]
    assert "".join(pieces) == "It is Paris."
    assert len(pieces) == tokens("It is Paris.")


@pytest.mark.parametrize("asked", [QUESTION, [{"role": "user", "content": QUESTION}]])
def test_responses_answer_the_reply_plain_and_streamed(host: Host, asked: object) -> None:
    host.put(CAPITAL)
    plain = host.v1.responses.create(model="gpt-4o", input=asked)  # type: ignore[arg-type]  # both forms
    assert plain.output_text == "It is Paris."
    with host.v1.responses.stream(model="gpt-4o", input=asked) as stream:  # type: ignore[arg-type]  # both forms
        assert stream.get_final_response().output_text == "It is Paris."


def test_completions_answer_the_reply(host: Host) -> None:
    host.put(CAPITAL)
    answer = host.azure.completions.create(
        model="gpt-35-turbo-instruct", prompt=QUESTION, max_tokens=50
    )
    assert answer.choices[0].text == "It is Paris."


def test_a_reply_is_cut_by_the_requests_own_limit(host: Host) -> None:
    host.put({"reply": "one two three four five six"})
    choice = host.chat(max_tokens=3).json()["choices"][0]
    assert choice["message"]["content"] == "one two three"
    assert choice["finish_reason"] == "length"


def test_a_reply_ends_before_a_stop_sequence(host: Host) -> None:
    host.put({"reply": "one two STOP three"})
    assert host.said(stop="STOP") == "one two "


def test_a_reply_of_a_reasoning_model_fits_beside_its_reasoning(host: Host) -> None:
    host.put({"reply": "Done."})
    answer = host.v1.responses.create(model="o3", input="Hi", max_output_tokens=100)
    assert answer.output_text == "Done."
    assert answer.usage
    assert answer.usage.output_tokens_details.reasoning_tokens > 0


def test_texts_in_a_reply_come_as_they_are(host: Host) -> None:
    text = 'Ünïcode 🙂 "quoted"\n\tand \\ more  \u2028'
    host.put({"reply": text})
    assert host.said() == text
    stream = host.azure.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    assert (
        "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices) == text
    )


@pytest.mark.parametrize(
    ("then", "said"),
    [(None, ["a", "b", "b"]), ("last", ["a", "b", "b"]), ("repeat", ["a", "b", "a"])],
)
def test_a_list_of_replies_is_answered_in_turn(
    host: Host, then: str | None, said: list[str]
) -> None:
    host.put({"reply": ["a", "b"], **({"then": then} if then else {})})
    assert [host.said() for _ in said] == said


def test_a_list_that_passes_leaves_the_third_to_the_next_rule(host: Host) -> None:
    host.put({"reply": ["a", "b"], "then": "pass"}, {"reply": "next"})
    assert [host.said() for _ in range(4)] == ["a", "b", "next", "next"]


class City(pydantic.BaseModel):
    name: str
    people: int


def test_a_json_reply_is_parsed_by_the_client(host: Host) -> None:
    host.put({"reply": {"name": "Rome", "people": 3}})
    parsed = host.azure.chat.completions.parse(
        model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], response_format=City
    )
    assert parsed.choices[0].message.parsed == City(name="Rome", people=3)


def test_a_reply_that_does_not_fit_the_schema_is_answered_with_a_warning(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    host.put({"reply": {"name": 1}})
    schema = {"name": "city", "schema": City.model_json_schema()}
    assert host.said(response_format={"type": "json_schema", "json_schema": schema}) == '{"name":1}'
    assert "does not fit the schema" in caplog.text


def test_placeholders_stand_for_the_requests_values_which_are_not_expanded(host: Host) -> None:
    host.put({"reply": "{{last_message}} by {{ body./user }} of {{header.x-team}}: {{deployment}}"})
    said = host.said("{{model}}", user="Ann", headers={"x-team": "red"})
    assert said == "{{model}} by Ann of red: gpt-4o"


def test_json_replies_and_arguments_are_filled_too(host: Host) -> None:
    host.put(
        {"when": {"tool": "get_weather"}, "call": {"get_weather": {"city": "{{last_message}}"}}},
        {"reply": {"said": "{{last_message}}"}},
    )
    assert json.loads(host.said('a "b"')) == {"said": 'a "b"'}
    message = host.chat("Rome", tools=[TOOL]).json()["choices"][0]["message"]
    assert json.loads(message["tool_calls"][0]["function"]["arguments"]) == {"city": "Rome"}


def test_a_call_is_answered_in_chat_plain_and_streamed(host: Host) -> None:
    host.put({"when": {"tool": "get_weather"}, "call": {"get_weather": {"city": "Rome"}}})
    answer = host.azure.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": "Hi"}],
        tools=[TOOL],  # type: ignore[list-item]  # a plain dict
    )
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    call = (choice.message.tool_calls or [])[0]
    assert isinstance(call, ChatCompletionMessageToolCall)
    assert call.function.name == "get_weather"
    assert call.function.arguments == '{"city":"Rome"}'
    with host.azure.chat.completions.stream(
        model="gpt-4o",
        messages=[{"role": "user", "content": "Hi"}],
        tools=[TOOL],  # type: ignore[list-item]  # a plain dict
    ) as stream:
        message = stream.get_final_completion().choices[0].message
    assert (message.tool_calls or [])[0].function.arguments == '{"city":"Rome"}'


def test_several_calls_are_answered_in_responses(host: Host) -> None:
    host.put({"call": [{"a": {"x": 1}}, {"b": {}, "c": "not JSON {"}]})
    answer = host.v1.responses.create(model="gpt-4o", input="Hi")
    calls = [(item.name, item.arguments) for item in answer.output if item.type == "function_call"]
    assert calls == [("a", '{"x":1}'), ("b", "{}"), ("c", "not JSON {")]


def test_a_legacy_function_is_called(host: Host) -> None:
    host.put({"call": {"get_weather": {"city": "Rome"}}})
    choice = host.chat(functions=[TOOL["function"]]).json()["choices"][0]
    assert choice["finish_reason"] == "function_call"
    assert choice["message"]["function_call"]["name"] == "get_weather"


def test_an_agent_is_driven_to_its_end(host: Host) -> None:
    """By rules alone: a first call, then the tool that ends it."""
    host.put(
        {"when": {"tool_result": "get_weather"}, "call": {"final_answer": {"text": "Sunny."}}},
        {"when": {"tool": "get_weather"}, "call": {"get_weather": {"city": "Rome"}}},
    )
    first = host.v1.responses.create(
        model="gpt-4o",
        input="Weather?",
        tools=[
            {"type": "function", "name": name, "parameters": None, "strict": False}
            for name in ("get_weather", "final_answer")
        ],
    )
    call = first.output[0]
    assert call.type == "function_call"
    assert call.name == "get_weather"
    second = host.v1.responses.create(
        model="gpt-4o",
        previous_response_id=first.id,
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}],
    )
    assert second.output[0].type == "function_call"
    assert second.output[0].name == "final_answer"


def test_a_rule_for_one_request_stands_in_its_header(host: Host) -> None:
    host.put({"name": "all", "reply": "for all"})
    rule = json.dumps({"reply": "for one: Ü"})
    answer = host.chat(headers={"x-simulator-rule": rule})
    assert answer.json()["choices"][0]["message"]["content"] == "for one: Ü"
    assert answer.headers["x-simulator-rule"] == "header"
    assert host.chat().headers["x-simulator-rule"] == "all"
    assert host.shown()[0]["matched"] == 1


@pytest.mark.parametrize(
    "text", ["{", "[]]", "3", '{"when": {}, "reply": "x"}', '{"reply": "x", "times": 1}', "{}"]
)
def test_a_bad_rule_in_the_header_is_refused(host: Host, text: str) -> None:
    answer = host.chat(headers={"x-simulator-rule": text})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_rule"


def test_hints_can_be_turned_off(make_host: Callable[..., Host]) -> None:
    host = make_host(hints=False)
    host.put({"reply": "x"})
    assert "x-simulator-rule" not in host.chat().headers


def test_replies_are_the_same_in_replay_mode(
    make_host: Callable[..., Host], tmp_path: Path
) -> None:
    host = make_host(mode="replay", recording_dir=str(tmp_path))
    assert host.chat().status_code == 404
    host.put(CAPITAL)
    assert host.said(QUESTION) == "It is Paris."


def test_a_wrong_key_comes_before_any_rule(host: Host) -> None:
    host.put({"reply": "x"})
    answer = httpx2.post(f"{host.url}/openai/v1/chat/completions", json={})
    assert answer.status_code == 401
    assert host.shown()[0]["matched"] == 0


def test_latency_beside_a_reply_delays_its_first_token(host: Host) -> None:
    host.put({"reply": "one two", "latency": {"first_token_ms": 80, "token_ms": 30}})
    began = time.monotonic()
    host.said()
    assert time.monotonic() - began >= 0.11
