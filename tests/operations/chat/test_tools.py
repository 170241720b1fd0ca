"""Tools in chat completions, with the real client."""

import json
from typing import Any

import httpx2
import jsonschema
import openai
import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import KEY
from tests.support.health_checks import ALL_HEALTH_CHECKS
from tests.support.schema_strategies import schemas

MODEL = "gpt-4o"
PATH = f"/openai/deployments/{MODEL}/chat/completions?api-version=2024-10-21"
WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "Get the current weather in a given location",
    "parameters": {
        "type": "object",
        "properties": {
            "location": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["location", "unit"],
        "additionalProperties": False,
    },
}
TIME: dict[str, Any] = {"name": "get_time", "parameters": {"type": "object", "properties": {}}}
TOOLS: Any = [
    {"type": "function", "function": {**WEATHER, "strict": True}},
    {"type": "function", "function": TIME},
]
ASK: Any = [{"role": "user", "content": "What's the weather in Paris?"}]
ASK_BOTH: Any = [{"role": "user", "content": "Weather and time in Paris, please"}]
CHAT: Any = [{"role": "user", "content": "Tell me a joke"}]
CALL: Any = {
    "role": "assistant",
    "tool_calls": [
        {"id": name, "type": "function", "function": {"name": "get_time", "arguments": "{}"}}
        for name in ("one", "two")
    ],
}


def result(name: str) -> Any:
    return {"role": "tool", "tool_call_id": name, "content": "noon"}


def create(client: openai.AzureOpenAI, **request: Any) -> Any:
    return client.chat.completions.create(**{"model": MODEL, "messages": ASK, **request})


def refusal(client: openai.AzureOpenAI, **request: Any) -> tuple[str, str | None, str | None]:
    with pytest.raises(openai.BadRequestError) as refused:
        create(client, **request)
    error = refused.value
    body: Any = error.body
    return body["message"], error.param, body["code"]


def test_a_matching_tool_is_called_with_valid_arguments(client: openai.AzureOpenAI) -> None:
    choice = create(client, tools=TOOLS).choices[0]
    (call,) = choice.message.tool_calls
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)
    assert (call.type, call.function.name) == ("function", "get_weather")
    assert call.id.startswith("call_")
    assert len(call.id) == len("call_kL0PCQV7M2WMoVX8V8OtYSAL")
    jsonschema.validate(json.loads(call.function.arguments), WEATHER["parameters"])


def test_a_request_that_matches_no_tool_gets_a_text(client: openai.AzureOpenAI) -> None:
    choice = create(client, messages=CHAT, tools=TOOLS).choices[0]
    assert choice.finish_reason == "stop"
    assert choice.message.content
    assert choice.message.tool_calls is None


def test_several_tools_are_called_side_by_side(client: openai.AzureOpenAI) -> None:
    calls = create(client, messages=ASK_BOTH, tools=TOOLS).choices[0].message.tool_calls
    assert [call.function.name for call in calls] == ["get_weather", "get_time"]
    assert len({call.id for call in calls}) == 2


def test_parallel_calls_can_be_turned_off(client: openai.AzureOpenAI) -> None:
    answer = create(client, messages=ASK_BOTH, tools=TOOLS, parallel_tool_calls=False)
    assert len(answer.choices[0].message.tool_calls) == 1


def test_none_gets_a_text(client: openai.AzureOpenAI) -> None:
    assert create(client, tools=TOOLS, tool_choice="none").choices[0].message.content


def test_required_calls_a_tool_whatever_is_said(client: openai.AzureOpenAI) -> None:
    choice = create(client, messages=CHAT, tools=TOOLS, tool_choice="required").choices[0]
    assert choice.message.tool_calls[0].function.name == "get_weather"
    assert choice.finish_reason == "tool_calls"


def test_a_forced_function_is_called_and_ends_with_stop(client: openai.AzureOpenAI) -> None:
    forced = {"type": "function", "function": {"name": "get_time"}}
    choice = create(client, tools=TOOLS, tool_choice=forced).choices[0]
    assert choice.message.tool_calls[0].function.name == "get_time"
    assert choice.finish_reason == "stop"


@pytest.mark.parametrize(("mode", "called"), [("required", True), ("auto", False)])
def test_allowed_tools_confine_the_choice(
    client: openai.AzureOpenAI, mode: str, called: bool
) -> None:
    tools = [{"type": "function", "function": {"name": "get_time"}}]
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}}
    calls = create(client, tools=TOOLS, tool_choice=allowed).choices[0].message.tool_calls
    assert [call.function.name for call in calls or ()] == ["get_time"] * called


def test_the_text_parts_of_a_message_are_read(client: openai.AzureOpenAI) -> None:
    parts = [{"type": "text", "text": "Hi!"}, {"type": "text", "text": "What's the time?"}]
    answer = create(client, messages=[{"role": "user", "content": parts}], tools=TOOLS)
    assert answer.choices[0].message.tool_calls[0].function.name == "get_time"


def test_a_legacy_function_is_called(client: openai.AzureOpenAI) -> None:
    choice = create(client, messages=ASK_BOTH, functions=[WEATHER, TIME]).choices[0]
    assert (choice.finish_reason, choice.message.content) == ("function_call", None)
    assert choice.message.function_call.name == "get_weather"
    assert choice.message.tool_calls is None
    arguments = json.loads(choice.message.function_call.arguments)
    jsonschema.validate(arguments, WEATHER["parameters"])


@pytest.mark.parametrize(
    ("function_call", "name", "reason"),
    [({"name": "get_time"}, "get_time", "stop"), ("auto", "get_weather", "function_call")],
)
def test_a_legacy_choice_is_followed(
    client: openai.AzureOpenAI, function_call: Any, name: str, reason: str
) -> None:
    answer = create(client, functions=[WEATHER, TIME], function_call=function_call)
    assert answer.choices[0].message.function_call.name == name
    assert answer.choices[0].finish_reason == reason


def test_no_legacy_function_is_called_on_none(client: openai.AzureOpenAI) -> None:
    answer = create(client, functions=[WEATHER], function_call="none")
    assert answer.choices[0].message.content


def test_tools_are_part_of_the_prompt(client: openai.AzureOpenAI) -> None:
    bare, tools, functions = (
        create(client, messages=CHAT, max_tokens=1, **extra).usage.prompt_tokens
        for extra in ({}, {"tools": TOOLS}, {"functions": [WEATHER, TIME]})
    )
    assert tools == functions > bare + 40


def test_a_call_is_counted_as_documented(client: openai.AzureOpenAI) -> None:
    answer = create(client, messages=ASK_BOTH, tools=TOOLS)
    encoding = tiktoken.get_encoding("o200k_base")
    functions = [call.function for call in answer.choices[0].message.tool_calls]
    texts = [text for function in functions for text in (function.name, function.arguments)]
    counted = sum(len(encoding.encode(text)) for text in texts)
    assert answer.usage.completion_tokens == counted + 7 * len(functions)


def test_a_call_is_cut_where_the_tokens_end(client: openai.AzureOpenAI) -> None:
    answer = create(client, tools=TOOLS, max_tokens=12)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 12
    arguments = answer.choices[0].message.tool_calls[0].function.arguments
    assert arguments.startswith('{"')
    assert not arguments.endswith("}")


def test_the_same_seed_gives_the_same_arguments_and_other_ids(client: openai.AzureOpenAI) -> None:
    first, second = (
        create(client, tools=TOOLS, seed=1).choices[0].message.tool_calls[0] for _ in range(2)
    )
    assert first.function.arguments == second.function.arguments
    assert first.id != second.id


def test_choices_call_the_same_tools(client: openai.AzureOpenAI) -> None:
    choices = create(client, tools=TOOLS, n=3).choices
    assert [c.message.tool_calls[0].function.name for c in choices] == ["get_weather"] * 3
    assert len({c.message.tool_calls[0].function.arguments for c in choices}) > 1


def test_log_probabilities_are_of_texts_only(client: openai.AzureOpenAI) -> None:
    assert create(client, tools=TOOLS, logprobs=True).choices[0].logprobs is None


def test_a_reasoning_model_thinks_before_it_calls(client: openai.AzureOpenAI) -> None:
    answer = create(client, model="gpt-5", tools=TOOLS)
    details = answer.usage.completion_tokens_details
    assert answer.choices[0].message.tool_calls
    assert 0 < details.reasoning_tokens < answer.usage.completion_tokens


def events(http: httpx2.Client, **request: Any) -> list[dict[str, Any]]:
    body = {"messages": ASK, "stream": True, **request}
    text = http.post(PATH, json=body).text
    data = [event.removeprefix("data: ") for event in text.split("\n\n")[:-2]]
    return [json.loads(event) for event in data]


def deltas(http: httpx2.Client, **request: Any) -> list[dict[str, Any]]:
    return [event["choices"][0]["delta"] for event in events(http, **request)[1:]]


def test_one_call_begins_with_the_role_and_its_head(http: httpx2.Client) -> None:
    first, second, *_, last = deltas(http, tools=TOOLS)
    (head,) = first["tool_calls"]
    assert list(first) == ["content", "refusal", "role", "tool_calls"]
    assert (first["content"], first["refusal"], first["role"]) == (None, None, "assistant")
    assert list(head) == ["function", "id", "index", "type"]
    assert head["function"] == {"arguments": "", "name": "get_weather"}
    assert second == {"tool_calls": [{"function": {"arguments": '{"'}, "index": 0}]}
    assert last == {}


def test_parallel_calls_come_after_the_role_one_after_the_other(http: httpx2.Client) -> None:
    first, *rest, _ = deltas(http, messages=ASK_BOTH, tools=TOOLS)
    assert first == {"content": None, "refusal": None, "role": "assistant"}
    parts = [delta["tool_calls"][0] for delta in rest]
    indexes = [part["index"] for part in parts]
    assert indexes == sorted(indexes)
    heads = [part for part in parts if "id" in part]
    assert [head["function"]["name"] for head in heads] == ["get_weather", "get_time"]
    assert [parts.index(head) for head in heads] == [0, indexes.index(1)]


def test_characters_of_several_tokens_are_whole_in_the_arguments(http: httpx2.Client) -> None:
    parameters = {"type": "object", "properties": {"漢": {"const": "𠮷🙂"}}, "required": ["漢"]}
    tools = [{"type": "function", "function": {"name": "act", "parameters": parameters}}]
    first, *rest, _ = deltas(http, tools=tools, tool_choice="required")
    pieces = [delta["tool_calls"][0]["function"]["arguments"] for delta in rest]
    assert "".join(pieces) == '{"漢":"𠮷🙂"}'
    assert all(pieces)
    assert first["tool_calls"][0]["function"]["name"] == "act"


def test_a_legacy_call_is_streamed_in_its_own_member(http: httpx2.Client) -> None:
    first, second, *rest, _ = deltas(http, functions=[WEATHER])
    assert list(first) == ["content", "function_call", "refusal", "role"]
    assert first["function_call"] == {"arguments": "", "name": "get_weather"}
    arguments = "".join(delta["function_call"]["arguments"] for delta in (second, *rest))
    jsonschema.validate(json.loads(arguments), WEATHER["parameters"])


def test_the_events_of_a_call_have_no_filter_results_and_end_with_the_reason(
    http: httpx2.Client,
) -> None:
    choices = [event["choices"][0] for event in events(http, tools=TOOLS)[1:]]
    assert all(choice["content_filter_results"] == {} for choice in choices)
    assert [choice["finish_reason"] for choice in choices[-2:]] == [None, "tool_calls"]


def test_the_events_of_a_call_are_padded_by_the_measured_rule(http: httpx2.Client) -> None:
    body = {"messages": ASK, "tools": TOOLS, "stream": True}
    chunks = http.post(PATH, json=body).text.split("\n\n")[1:-2]
    lengths = {
        len(chunk.removeprefix("data: ").replace('"content_filter_results":{},', "")) % 16
        for chunk in chunks
    }
    assert lengths == {1}


def test_streamed_choices_all_call(client: openai.AzureOpenAI) -> None:
    arguments = {0: "", 1: ""}
    for event in create(client, tools=TOOLS, n=2, stream=True):
        for choice in event.choices:
            for call in choice.delta.tool_calls or ():
                arguments[choice.index] += call.function.arguments
    for text in arguments.values():
        jsonschema.validate(json.loads(text), WEATHER["parameters"])


def test_the_stream_helper_puts_a_call_together(client: openai.AzureOpenAI) -> None:
    with client.chat.completions.stream(model=MODEL, messages=ASK, tools=TOOLS) as stream:
        (call,) = stream.get_final_completion().choices[0].message.tool_calls or []
    jsonschema.validate(call.function.parsed_arguments, WEATHER["parameters"])


def test_a_loop_with_two_tools_ends(client: openai.AzureOpenAI) -> None:
    functions = {"get_weather": lambda **_: "sunny", "get_time": lambda **_: "noon"}
    messages: list[Any] = list(ASK_BOTH)
    made: list[str] = []
    for _ in range(5):
        message = create(client, messages=messages, tools=TOOLS).choices[0].message
        messages.append(message)
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            made.append(call.function.name)
            content = functions[call.function.name](**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
    assert made == ["get_weather", "get_time"]
    assert messages[-1].content


def test_a_loop_that_requires_calls_goes_on_to_the_tool_not_called_yet(
    client: openai.AzureOpenAI,
) -> None:
    messages: list[Any] = list(ASK)
    made: list[str] = []
    for _ in range(2):
        answer = create(client, messages=messages, tools=TOOLS, tool_choice="required")
        (call,) = answer.choices[0].message.tool_calls
        made.append(call.function.name)
        content = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
        messages += [answer.choices[0].message, content]
    assert made == ["get_weather", "get_time"]


def test_a_legacy_result_gets_a_text(client: openai.AzureOpenAI) -> None:
    called = {"role": "assistant", "function_call": {"name": "get_weather", "arguments": "{}"}}
    done = {"role": "function", "name": "get_weather", "content": "sunny"}
    answer = create(client, messages=[*ASK, called, done], functions=[WEATHER])
    assert answer.choices[0].message.content


def test_a_conversation_without_a_user_can_offer_tools(client: openai.AzureOpenAI) -> None:
    system = [{"role": "system", "content": "Tell the weather"}]
    assert create(client, messages=system, tools=TOOLS).choices[0].message.content


@settings(max_examples=60, deadline=None, suppress_health_check=ALL_HEALTH_CHECKS)
@given(schema=schemas(), seed=st.integers(0, 9))
def test_the_arguments_of_any_function_are_valid(
    client: openai.AzureOpenAI, schema: dict[str, Any], seed: int
) -> None:
    parameters = {"type": "object", "properties": {"of": schema}, "required": ["of"]}
    parameters["$defs"] = schema.get("$defs", {})
    tools = [{"type": "function", "function": {"name": "act", "parameters": parameters}}]
    answer = create(client, tools=tools, tool_choice="required", seed=seed)
    arguments = json.loads(answer.choices[0].message.tool_calls[0].function.arguments)
    jsonschema.Draft202012Validator(parameters).validate(arguments)


ONLY = "is only allowed when '{}' are specified."


@pytest.mark.parametrize(
    ("request_", "message", "param", "code"),
    [
        (
            {"tool_choice": "auto"},
            f"Invalid value for 'tool_choice': 'tool_choice' {ONLY.format('tools')}",
            "tool_choice",
            None,
        ),
        (
            {"parallel_tool_calls": False},
            f"Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' {ONLY.format('tools')}",
            "parallel_tool_calls",
            None,
        ),
        (
            {"function_call": "auto"},
            f"Invalid value for 'function_call': 'function_call' {ONLY.format('functions')}",
            "function_call",
            None,
        ),
        (
            {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "x"}}},
            (
                "Invalid value for 'tool_choice': no function named 'x' was specified in the 'tools' "
                "parameter."
            ),
            "tool_choice",
            None,
        ),
        (
            {"functions": [TIME], "function_call": {"name": "x"}},
            (
                "Invalid value for 'function_call': no function named 'x' was specified in the "
                "'functions' parameter."
            ),
            "function_call",
            None,
        ),
        (
            {
                "tools": TOOLS,
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {
                        "mode": "auto",
                        "tools": [{"type": "function", "function": {"name": "x"}}],
                    },
                },
            },
            (
                "Invalid value for 'tool_choice': no function named 'x' was specified in the 'tools' "
                "parameter."
            ),
            "tool_choice",
            None,
        ),
        (
            {"tools": TOOLS, "tool_choice": "always"},
            "Invalid value: 'always'. Supported values are: 'none', 'auto', and 'required'.",
            "tool_choice",
            "invalid_value",
        ),
        (
            {"tools": []},
            (
                "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty "
                "array instead."
            ),
            "tools",
            "empty_array",
        ),
        (
            {"tools": TOOLS * 65},
            (
                "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an "
                "array with length 130 instead."
            ),
            "tools",
            "array_above_max_length",
        ),
        (
            {"tools": [{"type": "function"}]},
            "Missing required parameter: 'tools[0].function'.",
            "tools[0].function",
            "missing_required_parameter",
        ),
        (
            {"tools": [{"type": "custom", "custom": {"name": "x"}}]},
            "Invalid value: 'custom'. Supported values are: 'function'.",
            "tools[0].type",
            "invalid_value",
        ),
        (
            {"functions": [{"name": "weather\n", "parameters": {}}]},
            (
                "Invalid 'functions[0].name': string does not match pattern. Expected a string that "
                "matches the pattern '^[a-zA-Z0-9_-]+$'."
            ),
            "functions[0].name",
            "invalid_value",
        ),
        (
            {"tools": [{"type": "function", "function": {"name": "get weather"}}]},
            (
                "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that "
                "matches the pattern '^[a-zA-Z0-9_-]+$'."
            ),
            "tools[0].function.name",
            "invalid_value",
        ),
        (
            {"tools": [{"type": "function", "function": {"name": "x" * 65}}]},
            (
                "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length "
                "64, but got a string with length 65 instead."
            ),
            "tools[0].function.name",
            "string_above_max_length",
        ),
        (
            {"tools": [{"type": "function", "function": {"name": "x", "parameters": {"a": 1}}}]},
            (
                "Invalid schema for function 'x': schema must be a JSON Schema of 'type: \"object\"', "
                "got 'type: \"None\"'."
            ),
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
        (
            {"functions": [TIME, {"name": "x", "parameters": {"type": "array"}}]},
            (
                "Invalid schema for function 'x': schema must be a JSON Schema of 'type: \"object\"', "
                "got 'type: \"array\"'."
            ),
            "functions[1].parameters",
            "invalid_function_parameters",
        ),
        (
            {
                "tools": [
                    {
                        "type": "function",
                        "function": {
                            "name": "x",
                            "strict": True,
                            "parameters": {"type": "object", "properties": {}},
                        },
                    }
                ]
            },
            (
                "Invalid schema for function 'x': In context=(), 'additionalProperties' is required to be "
                "supplied and to be false."
            ),
            "tools[0].function.parameters",
            "invalid_function_parameters",
        ),
        (
            {"messages": [*ASK, result("one")]},
            (
                "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
                "with 'tool_calls'."
            ),
            "messages.[1].role",
            None,
        ),
        (
            {"messages": [*ASK, CALL, result("one"), result("three")]},
            (
                "Invalid parameter: 'tool_call_id' of 'three' not found in 'tool_calls' of previous "
                "message."
            ),
            "messages.[3].tool_call_id",
            None,
        ),
        (
            {"messages": [*ASK, CALL, result("two"), *ASK]},
            (
                "An assistant message with 'tool_calls' must be followed by tool messages responding to "
                "each 'tool_call_id'. The following tool_call_ids did not have response messages: one"
            ),
            "messages.[3].role",
            None,
        ),
        (
            {"messages": [*ASK, CALL]},
            (
                "An assistant message with 'tool_calls' must be followed by tool messages responding to "
                "each 'tool_call_id'. The following tool_call_ids did not have response messages: one, "
                "two"
            ),
            "messages",
            None,
        ),
        (
            {"messages": [*ASK, {"role": "assistant", "content": "x", "tool_calls": []}]},
            (
                "Invalid 'messages[1].tool_calls': empty array. Expected an array with minimum length 1, "
                "but got an empty array instead."
            ),
            "messages[1].tool_calls",
            "empty_array",
        ),
        (
            {"model": "o4-mini", "tools": TOOLS, "parallel_tool_calls": True},
            "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
            "parallel_tool_calls",
            "unsupported_parameter",
        ),
    ],
)
def test_a_wrong_request_is_refused_in_the_services_words(
    client: openai.AzureOpenAI,
    request_: dict[str, Any],
    message: str,
    param: str | None,
    code: str | None,
) -> None:
    assert refusal(client, **request_) == (message, param, code)


def test_results_may_come_in_any_order_and_more_than_once(client: openai.AzureOpenAI) -> None:
    messages = [*ASK, CALL, result("two"), result("one"), result("one"), *ASK]
    assert create(client, messages=messages).choices


def test_a_function_without_instances_is_reported(client: openai.AzureOpenAI) -> None:
    never = {"type": "object", "properties": {"a": False}, "required": ["a"]}
    tools = [{"type": "function", "function": {"name": "act", "parameters": never}}]
    message, param, _ = refusal(client, tools=tools, tool_choice="required")
    assert message.startswith("Invalid schema for function 'act': no instance of it can be made: ")
    assert param == "tools"


@pytest.mark.parametrize(
    ("version", "request_", "message"),
    [
        (
            "2023-05-15",
            {"tools": TOOLS, "tool_choice": "auto"},
            "Unrecognized request arguments supplied: tool_choice, tools",
        ),
        (
            "2023-05-15",
            {"functions": [TIME]},
            "Unrecognized request argument supplied: functions",
        ),
        (
            "2024-06-01",
            {"tools": TOOLS, "parallel_tool_calls": True},
            "Unrecognized request argument supplied: parallel_tool_calls",
        ),
        (
            "2024-02-01",
            {"tools": TOOLS, "tool_choice": "required"},
            "tool_choice value as required is enabled only for api versions 2024-06-01 and later",
        ),
    ],
)
def test_what_is_newer_than_the_api_version_is_refused(
    server: str, version: str, request_: dict[str, Any], message: str
) -> None:
    with openai.AzureOpenAI(
        azure_endpoint=server, api_key=KEY, api_version=version, max_retries=0
    ) as client:
        assert refusal(client, **request_)[0] == message
