"""What a request for a response is refused for, and in which words."""

from typing import Any

import pytest

from simulator.errors import InvalidRequest
from tests.operations.responses.instances import Instance, function

USER = {"role": "user", "content": "hi"}
NOTHING: dict[str, Any] = {}
SCHEMA: dict[str, Any] = {
    "type": "json_schema",
    "name": "a",
    "schema": {"type": "object", "properties": {}},
}


def picture(url: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "input_image", "image_url": url}]}]


async def refusal(body: dict[str, Any]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        await Instance().create(**body)
    return refused.value


@pytest.mark.parametrize(
    ("body", "message", "param", "code"),
    [
        ({"foo": 1}, "Unknown parameter: 'foo'.", "foo", "unknown_parameter"),
        (
            {"messages": [USER]},
            (
                "Unsupported parameter: 'messages'. In the Responses API, this parameter has moved to "
                "'input'."
            ),
            None,
            "unsupported_parameter",
        ),
        (
            {"response_format": {"type": "json_object"}},
            (
                "Unsupported parameter: 'response_format'. In the Responses API, this parameter has moved "
                "to 'text.format'."
            ),
            None,
            "unsupported_parameter",
        ),
        (
            {"input": None},
            (
                "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be "
                "provided."
            ),
            "input",
            "missing_required_parameter",
        ),
        (
            {"input": [NOTHING]},
            (
                "Invalid value: ''. Supported values are: 'assistant', 'system', 'developer', and "
                "'user'."
            ),
            "input[0]",
            "invalid_value",
        ),
        (
            {"input": [{"role": "tool", "content": "x"}]},
            "Invalid value: 'tool'. Supported values are: 'assistant', 'system', 'developer', and",
            "input[0]",
            "invalid_value",
        ),
        (
            {"input": [7]},
            "Invalid type for 'input[0]': expected an input item, but got an integer instead.",
            "input[0]",
            "invalid_type",
        ),
        (
            {"tools": "x"},
            "Invalid type for 'tools': expected an array of tools, but got a string instead.",
            "tools",
            "invalid_type",
        ),
        (
            {"prompt": {"id": "pmpt_1"}},
            (
                "Unsupported parameter: 'prompt' is not supported by the simulator, which keeps no prompt "
                "templates."
            ),
            "prompt",
            "unsupported_parameter",
        ),
        (
            {"conversation": "abc"},
            "Invalid 'conversation': 'abc'. Expected an ID that begins with 'conv'.",
            "conversation",
            "invalid_value",
        ),
        (
            {"previous_response_id": "abc"},
            "Invalid 'previous_response_id': 'abc'. Expected an ID that begins with 'resp'.",
            "previous_response_id",
            "invalid_value",
        ),
        (
            {"background": True, "store": False},
            "Unsupported parameter: 'background' requires 'store' to be true.",
            "background",
            "unsupported_parameter",
        ),
        (
            {"stream_options": {"include_obfuscation": False}},
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
            None,
        ),
        (
            {"max_output_tokens": 15},
            (
                "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but "
                "got 15 instead."
            ),
            "max_output_tokens",
            "integer_below_min_value",
        ),
        (
            {"max_output_tokens": 16_385},
            (
                "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 16384, but "
                "got 16385 instead."
            ),
            "max_output_tokens",
            "integer_above_max_value",
        ),
        (
            {"metadata": {str(number): "" for number in range(17)}},
            (
                "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
                "but got an object with 17 properties instead."
            ),
            "metadata",
            "object_above_max_properties",
        ),
        (
            {"metadata": {"k" * 65: ""}},
            "Invalid property name in 'metadata': 'kkk...kkk' is too long. ",
            f"metadata.{'k' * 65}",
            "property_name_above_max_length",
        ),
        (
            {"metadata": {"key": "v" * 513}},
            (
                "Invalid 'metadata.key': string too long. Expected a string with maximum length 512, but "
                "got a string with length 513 instead."
            ),
            "metadata.key",
            "string_above_max_length",
        ),
        (
            {"metadata": {"key": 1}},
            "Invalid type for 'metadata.key': expected a string, but got an integer instead.",
            "metadata.key",
            "invalid_type",
        ),
        (
            {"metadata": {"key": {}}},
            "Invalid type for 'metadata.key': expected a string, but got an object instead.",
            "metadata.key",
            "invalid_type",
        ),
        (
            {"model": "o3", "temperature": 0.5},
            "Unsupported parameter: 'temperature' is not supported with this model.",
            "temperature",
            None,
        ),
        (
            {"model": "o3-mini", "top_p": 1},
            "Unsupported parameter: 'top_p' is not supported with this model.",
            "top_p",
            None,
        ),
        (
            {"model": "o3", "include": ["message.output_text.logprobs"]},
            "logprobs are not supported with reasoning models.",
            "include",
            "unsupported_parameter",
        ),
        (
            {"model": "o3", "top_logprobs": 1},
            "logprobs are not supported with reasoning models.",
            "top_logprobs",
            "unsupported_parameter",
        ),
        (
            {"reasoning": {"effort": "low"}},
            "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
            "reasoning.effort",
            "unsupported_parameter",
        ),
        (
            {"reasoning": {"summary": "auto"}},
            "Unsupported parameter: 'reasoning.summary' is not supported with this model.",
            "reasoning.summary",
            "unsupported_parameter",
        ),
        (
            {"model": "gpt-5.5", "reasoning": {"mode": "pro"}},
            "Unsupported parameter: 'reasoning.mode' is not supported with this model.",
            "reasoning.mode",
            "unsupported_parameter",
        ),
        (
            {"model": "gpt-5.6-sol", "reasoning": {"mode": "fast"}},
            "Invalid value: 'fast'. Supported values are: 'standard' and 'pro'.",
            "reasoning.mode",
            "invalid_value",
        ),
        (
            {"include": ["reasoning.encrypted_content"]},
            "Encrypted content is not supported with this model.",
            "include",
            None,
        ),
        (
            {"text": {"format": {"type": "json_object"}}},
            (
                "Response input messages must contain the word 'json' in some form to use 'text.format' "
                "of type 'json_object'."
            ),
            "text.format",
            None,
        ),
        (
            {"text": {"format": {"type": "json_schema", "name": "a"}}},
            "Missing required parameter: 'text.format.schema'.",
            "text.format.schema",
            "missing_required_parameter",
        ),
        (
            {"text": {"format": {**SCHEMA, "strict": True}}},
            (
                "Invalid schema for response_format 'a': In context=(), 'additionalProperties' is "
                "required to be supplied and to be false."
            ),
            "text.format.schema",
            "invalid_json_schema",
        ),
        (
            {"model": "gpt-5-codex", "reasoning": {"summary": "concise"}},
            (
                "Unsupported value: 'concise' is not supported with the 'gpt-5-codex' model. "
                "Supported values are: 'detailed'."
            ),
            "reasoning.summary",
            "unsupported_value",
        ),
        (
            {"input": picture("data:image/bmp;base64,Qk0AAAA=")},
            (
                "The image data you provided does not represent a valid image. Please check your input "
                "and try again with one of the supported image formats: ['image/jpeg', 'image/png', "
                "'image/gif', 'image/webp']."
            ),
            "input",
            "invalid_value",
        ),
        (
            {"input": picture("data:image/png;base64,iVBORw0KGgo=")},
            (
                "The image data you provided does not represent a valid image. Please check your input "
                "and try again."
            ),
            "input",
            "invalid_value",
        ),
        (
            {"model": "gpt-4o-2024-05-13", "text": {"format": SCHEMA}},
            "Invalid parameter: 'text.format' of type 'json_schema' is not supported with this model.",
            "text.format",
            None,
        ),
    ],
)
async def test_a_bad_parameter_is_refused_in_the_real_words(
    body: dict[str, Any], message: str, param: str | None, code: str | None
) -> None:
    error = await refusal(body)
    assert error.message.startswith(message)
    assert (error.param, error.code) == (param, code)


@pytest.mark.parametrize(
    ("item", "message", "param"),
    [
        (
            {"type": "message", "role": "user"},
            "Missing required parameter: 'input[1].content'.",
            "input[1].content",
        ),
        (
            {"type": "function_call", "call_id": "call_1", "name": "weather"},
            "Missing required parameter: 'input[1].arguments'.",
            "input[1].arguments",
        ),
        (
            {"type": "custom_tool_call", "call_id": "call_1", "name": "look up", "input": "x"},
            "Invalid 'input[1].name': string does not match pattern.",
            "input[1].name",
        ),
        (
            {"type": "custom_tool_call", "name": "lookup", "input": "x"},
            "Missing required parameter: 'input[1].call_id'.",
            "input[1].call_id",
        ),
        (
            {"type": "custom_tool_call_output", "call_id": "call_1"},
            "Missing required parameter: 'input[1].output'.",
            "input[1].output",
        ),
        (
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": [{"type": "input_image", "image_url": "a.png"}],
            },
            "Invalid 'input[1].output[0].image_url'. Expected a valid URL",
            "input[1].output[0].image_url",
        ),
        (
            {"type": "message", "id": "__fake_id__", "role": "assistant", "content": "hi"},
            "Invalid 'input[1].id': '__fake_id__'. Expected an ID that begins with 'msg'.",
            "input[1].id",
        ),
        (
            {"role": "user", "content": [{"type": "text", "text": "hi"}]},
            "Invalid value: 'text'. Supported values are: 'input_text', ",
            "input[1].content[0].type",
        ),
        (
            {"role": "assistant", "content": [{"type": "input_text", "text": "hi"}]},
            "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
            "input[1].content[0]",
        ),
        (
            {"role": "user", "content": [{"type": "output_text", "text": "hi"}]},
            "Invalid value: 'output_text'. Supported values are: 'input_text', 'input_image', ",
            "input[1].content[0]",
        ),
        (
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": [{"type": "output_text", "text": "rain"}],
            },
            "Invalid value: 'output_text'. Supported values are: 'input_text', 'input_image', ",
            "input[1].output[0]",
        ),
        (
            {"role": "user", "content": "hi", "name": "Ann"},
            "Unknown parameter: 'input[1].name'.",
            "input[1].name",
        ),
        (
            {"role": "user", "content": "hi", "phase": "final_answer"},
            "Unknown parameter: 'input[1].phase'.",
            "input[1].phase",
        ),
        (
            {"role": "user", "content": "hi", "foo": 1},
            "Unknown parameter: 'input[1].foo'.",
            "input[1].foo",
        ),
        (
            {"role": "assistant", "content": None},
            (
                "Invalid type for 'input[1].content': expected one of an array of objects or string, but "
                "got null instead."
            ),
            "input[1].content",
        ),
        (
            {"type": "function_call_output", "call_id": "call_1", "output": {"rain": 1}},
            (
                "Invalid type for 'input[1].output': expected one of a string or array of objects, but "
                "got an object instead."
            ),
            "input[1].output",
        ),
        (
            {
                "type": "reasoning",
                "summary": [],
                "content": [{"type": "reasoning_text", "text": "so"}],
            },
            (
                "Invalid 'input[1].content': array too long. Expected an array with maximum length 0, "
                "but got an array with length 1 instead."
            ),
            "input[1].content",
        ),
        (
            {"type": "message", "id": "msg_a+b=", "role": "assistant", "content": "hi"},
            (
                "Invalid 'input[1].id': 'msg_a+b='. Expected an ID that contains letters, numbers, "
                "underscores, or dashes, but this value contained additional characters."
            ),
            "input[1].id",
        ),
        (
            {"role": "assistant", "content": "hi", "created_by": "me"},
            "Unknown parameter: 'input[1].created_by'.",
            "input[1].created_by",
        ),
    ],
)
async def test_a_bad_item_is_refused_where_it_stands(
    item: dict[str, Any], message: str, param: str
) -> None:
    error = await refusal({"input": [USER, item]})
    assert error.message.startswith(message)
    assert error.param == param


@pytest.mark.parametrize(
    ("body", "message", "param"),
    [
        (
            {"tools": [{"type": "function", "function": {"name": "chat"}}]},
            "Missing required parameter: 'tools[0].name'.",
            "tools[0].name",
        ),
        (
            {"tools": [function("no good")]},
            "Invalid 'tools[0].name': string does not match pattern.",
            "tools[0].name",
        ),
        (
            {"tools": [function(parameters={"type": "object", "properties": {}})]},
            "Invalid schema for function 'weather': In context=(), 'additionalProperties' is required",
            "tools[0].parameters",
        ),
        (
            {"tools": [{"type": "zap"}]},
            "Invalid value: 'zap'. Supported values are: ",
            "tools[0].type",
        ),
        (
            {"tools": [{"type": "computer_use_preview"}]},
            "Tool 'computer_use_preview' is not supported with gpt-4o-2024-11-20.",
            "tools",
        ),
        (
            {
                "model": "gpt-5-mini",
                "reasoning": {"effort": "minimal"},
                "tools": [{"type": "web_search"}, {"type": "image_generation"}],
            },
            (
                "The following tools cannot be used with reasoning.effort 'minimal': image_gen, "
                "web_search."
            ),
            "tools",
        ),
        (
            {"model": "o3-deep-research"},
            (
                "Deep research models require at least one of 'web_search_preview', 'mcp', or "
                "'file_search' tools."
            ),
            "tools",
        ),
        (
            {"tool_choice": "required"},
            "Tool choice 'required' must be specified with 'tools' parameter.",
            "tool_choice",
        ),
        (
            {"tool_choice": {"type": "function", "name": "weather"}},
            "Tool choice 'weather' must be specified with 'tools' parameter.",
            "tool_choice",
        ),
        (
            {"tools": [function()], "tool_choice": {"type": "function", "name": "other"}},
            "Tool choice 'other' not found in 'tools' parameter.",
            "tool_choice",
        ),
        (
            {"tools": [{"type": "web_search"}], "tool_choice": "required"},
            "The simulator runs no built-in tools, so it cannot be made to call web_search.",
            "tool_choice",
        ),
        (
            {"tools": [{"type": "web_search"}], "tool_choice": {"type": "web_search"}},
            "The simulator runs no built-in tools, so it cannot be made to call web_search.",
            "tool_choice",
        ),
        (
            {
                "tools": [function()],
                "tool_choice": {"type": "allowed_tools", "mode": "required", "tools": []},
            },
            "The simulator runs no built-in tools",
            "tool_choice",
        ),
    ],
)
async def test_bad_tools_are_refused(body: dict[str, Any], message: str, param: str) -> None:
    error = await refusal(body)
    assert error.message.startswith(message)
    assert error.param == param


@pytest.mark.parametrize(
    "tool",
    [
        {"type": "file_search", "vector_store_ids": ["vs_1"]},
        {"type": "code_interpreter", "container": {"type": "auto"}},
        {"type": "mcp", "server_label": "docs", "server_url": "https://example.com"},
        {"type": "image_generation"},
        {"type": "local_shell"},
        {"type": "shell"},
        {"type": "apply_patch"},
        {"type": "computer"},
        {"type": "namespace", "name": "crm", "description": "Customers", "tools": []},
    ],
)
async def test_a_built_in_tool_is_taken_shown_again_and_not_called(tool: dict[str, Any]) -> None:
    body = await Instance().create(model="gpt-5.6-sol", reasoning={"effort": "none"}, tools=[tool])
    assert body["tools"] == [tool]
    assert [item["type"] for item in body["output"]] == ["message"]


@pytest.mark.parametrize(
    ("model", "kind", "name"),
    [
        ("gpt-5", "shell", "gpt-5-2025-08-07"),
        ("gpt-4o-mini", "shell", "gpt-4o-mini-2024-07-18"),
        ("gpt-5-mini", "apply_patch", "gpt-5-mini-2025-08-07"),
        ("gpt-4.1", "computer", "gpt-4.1-2025-04-14"),
        ("gpt-5.2", "computer", "gpt-5.2-2025-12-11"),
        ("gpt-4.1-nano", "web_search_preview", "gpt-4.1-nano-2025-04-14"),
        ("o3-mini", "web_search", "o3-mini-2025-01-31"),
    ],
)
async def test_a_hosted_tool_that_the_model_has_not_got_is_refused(
    model: str, kind: str, name: str
) -> None:
    """Reported by users of OpenAI and Azure, 2026-05 to 2026-10."""
    error = await refusal({"model": model, "tools": [{"type": kind}]})
    assert error.message == f"Tool '{kind}' is not supported with {name}."
    assert (error.param, error.code) == ("tools", None)


@pytest.mark.parametrize(
    "kind", ["shell", "apply_patch", "web_search", "code_interpreter", "image_generation"]
)
async def test_hosted_tools_of_gpt_5_1_and_later_are_taken(kind: str) -> None:
    container = {"container": {"type": "auto"}} if kind == "code_interpreter" else {}
    assert await Instance().create(model="gpt-5.2", tools=[{"type": kind, **container}])


@pytest.mark.parametrize(
    "choice",
    [
        {"type": "function"},
        {"type": "function", "function": {"name": "look_up"}},
        {"type": "custom"},
    ],
)
async def test_a_choice_of_a_tool_has_its_name_at_the_top(choice: dict[str, Any]) -> None:
    """Many users of OpenAI's API, 2025-10 to 2026-11: chat's form has it one level down."""
    error = await refusal({"tools": [function()], "tool_choice": choice})
    assert error.message == "Missing required parameter: 'tool_choice.name'."
    assert (error.param, error.code) == ("tool_choice.name", "missing_required_parameter")
    named: dict[str, Any] = {**choice, "name": "look_up", "function": {}}
    unknown = await refusal({"tools": [function()], "tool_choice": named})
    assert unknown.message == "Unknown parameter: 'tool_choice.function'."


@pytest.mark.parametrize("name", ["presence_penalty", "frequency_penalty"])
async def test_penalties_are_those_of_chat_and_shown_again(name: str) -> None:
    """Members of recorded responses (2026-03 to 2026-08); refusals: measured by a user of OpenAI's API
    (2026-08)."""
    assert (await Instance().create(**{name: 0.5}))[name] == 0.5
    assert (await Instance().create())[name] == 0.0
    error = await refusal({"model": "gpt-5.6-terra", name: 0.5})
    assert error.message == f"Unsupported parameter: '{name}' is not supported with this model."
    assert (error.param, error.code) == (name, None)
    above = await refusal({name: 3})
    assert above.code == "decimal_above_max_value"
    odd = await refusal({"model": "gpt-5.6-terra", name: "x"})
    assert (
        odd.message == f"Invalid type for '{name}': expected a decimal, but got a string instead."
    )


@pytest.mark.parametrize("model", ["gpt-5.2", "gpt-5.3-codex", "gpt-5-pro", "o3"])
async def test_all_turns_are_read_from_gpt_5_4_on(model: str) -> None:
    """Reported by users of OpenAI and, with gpt-5.3-codex, of Azure (2026-05 to 2026-11)."""
    error = await refusal({"model": model, "reasoning": {"context": "all_turns"}})
    assert error.message == (
        f"Unsupported value: 'all_turns' is not supported with the '{model}' model. Supported values "
        "are: 'auto' and 'current_turn'."
    )
    assert (error.param, error.code) == ("reasoning.context", "unsupported_value")
    assert await Instance().create(model="gpt-5.4", reasoning={"context": "all_turns"})


@pytest.mark.parametrize("kind", ["web_search", "web_search_preview"])
@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, {}),
        ({"search_context_size": None, "user_location": None}, {}),
        ({"search_context_size": "low"}, {"search_context_size": "low"}),
        (
            {"user_location": {"type": "approximate", "city": "Oslo", "country": "NO"}},
            {"user_location": {"city": "Oslo", "country": "NO"}},
        ),
        (
            {"user_location": {"type": "approximate", "city": "Oslo"}},
            {"user_location": {"city": "Oslo", "country": None}},
        ),
    ],
)
async def test_a_search_is_shown_with_what_holds_by_default(
    kind: str, asked: dict[str, Any], shown: dict[str, Any]
) -> None:
    body = await Instance().create(tools=[{"type": kind, **asked}])
    place = {"type": "approximate", "city": None, "country": "US", "region": None, "timezone": None}
    expected = {"search_context_size": "medium", **shown}
    expected["user_location"] = {**place, **shown.get("user_location", {})}
    (tool,) = body["tools"]
    assert tool == {"type": kind, "search_content_types": ["text"], **expected}
    assert list(tool)[:2] == ["type", "search_content_types"]
    assert list(tool["user_location"]) == list(place)


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("auto", []),
        ("none", []),
        ("required", ["weather"]),
        ({"type": "function", "name": "time"}, ["time"]),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "time"}],
            },
            ["time"],
        ),
        ({"type": "allowed_tools", "mode": "auto", "tools": [{"name": "time"}]}, []),
    ],
)
async def test_a_choice_is_kept_to_and_shown_again(choice: Any, called: list[str]) -> None:
    body = await Instance().create(tools=[function(), function("time")], tool_choice=choice)
    assert [item["name"] for item in body["output"] if item["type"] == "function_call"] == called
    assert body["tool_choice"] == choice


@pytest.mark.parametrize(
    ("asked", "shown"), [({}, True), ({"strict": False}, False), ({"strict": True}, True)]
)
async def test_a_function_is_strict_unless_it_says_otherwise(
    asked: dict[str, Any], shown: bool
) -> None:
    tool = {name: value for name, value in function().items() if name != "strict"}
    body = await Instance().create(tools=[{**tool, **asked}])
    assert body["tools"] == [{**tool, "description": None, "output_schema": None, "strict": shown}]


@pytest.mark.parametrize(("asked", "shown"), [("", None), (" ", " "), ("Tells the time.",) * 2])
async def test_an_empty_description_of_a_function_is_shown_as_none(
    asked: str, shown: str | None
) -> None:
    body = await Instance().create(tools=[function(description=asked)])
    assert body["tools"][0]["description"] == shown


@pytest.mark.parametrize("name", ["a plan", "a.plan", "plän"])
async def test_the_name_of_a_format_is_within_its_pattern(name: str) -> None:
    form: dict[str, Any] = {
        "type": "json_schema",
        "name": name,
        "schema": {"type": "object", "properties": {}},
    }
    with pytest.raises(
        InvalidRequest, match=r"'text.format.name': string does not match"
    ) as refused:
        await Instance().create(text={"format": form})
    assert refused.value.param == "text.format.name"
    assert refused.value.code == "invalid_value"


async def test_a_function_needs_no_parameters() -> None:
    tool = {"type": "function", "name": "now"}
    body = await Instance().create(tools=[tool], tool_choice="required")
    assert body["output"][0]["arguments"] == "{}"


@pytest.mark.parametrize(
    "body",
    [
        {"model": "o3", "temperature": 1, "top_p": 1},
        {"model": "gpt-5.1", "temperature": 0.2, "reasoning": {"effort": "none"}},
        {"model": "gpt-5.1", "include": ["message.output_text.logprobs"]},
        {"service_tier": "priority", "metadata": {"k" * 64: "v" * 512}},
        {"text": {"format": SCHEMA}},
    ],
)
async def test_what_the_model_takes_is_taken(body: dict[str, Any]) -> None:
    assert (await Instance().create(**body))["status"] == "completed"


PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)


async def test_an_image_counts_by_the_models_rule() -> None:
    parts = [{"type": "input_text", "text": "hi"}]
    image = {"type": "input_image", "image_url": PNG, "detail": "low"}
    without = await Instance().create(input=[{"role": "user", "content": parts}])
    with_image = await Instance().create(input=[{"role": "user", "content": [*parts, image]}])
    assert with_image["usage"]["input_tokens"] - without["usage"]["input_tokens"] == 85


@pytest.mark.parametrize(
    "items",
    [
        [{"role": role, "content": "hi"} for role in ("system", "developer", "user", "assistant")],
        [{"role": "user", "content": [{"type": "input_file", "file_id": "file-1"}]}],
        [{"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]}],
        [{"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}, USER],
        [{"type": "reasoning", "summary": []}, USER],
        [{"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": True}],
        [
            {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"},
            {
                "type": "function_call_output",
                "call_id": "call_1",
                "output": [{"type": "input_text", "text": "rain"}],
            },
        ],
    ],
)
async def test_items_of_all_kinds_are_read_and_kept(items: list[dict[str, Any]]) -> None:
    instance = Instance()
    body = await instance.create(input=items)
    kept = (await instance.items(body["id"], "order=asc"))["data"]
    assert [item["type"] for item in kept] == [item.get("type", "message") for item in items]
    assert all(item["id"] for item in kept)
    again = await instance.create(input="Go on.", previous_response_id=body["id"])
    assert again["usage"]["input_tokens"] > body["usage"]["input_tokens"]


async def test_the_phase_of_a_message_is_kept() -> None:
    instance = Instance()
    first = await instance.create(model="gpt-5.4", max_output_tokens=16)
    second = await instance.create(input=[*first["output"], USER])
    assert (await instance.items(second["id"]))["data"][1] == first["output"][0]


async def test_a_file_that_a_function_puts_out_is_not_counted() -> None:
    call = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1"}
    file = {"type": "input_file", "file_id": "file-1"}
    with_file = await Instance().create(input=[call, {**output, "output": [file]}])
    without = await Instance().create(input=[call, {**output, "output": []}])
    assert with_file["usage"]["input_tokens"] == without["usage"]["input_tokens"]


@pytest.mark.parametrize("name", ["files.read", "a.b.c"])
@pytest.mark.parametrize(
    ("model", "taken"),
    [
        ("gpt-4o", False),
        ("gpt-4.1", True),
        ("o3", True),
        ("gpt-5.6-sol", True),
        ("gpt-6.1-sol", True),
    ],
)
async def test_newer_models_take_dots_in_names_of_functions(
    model: str, taken: bool, name: str
) -> None:
    tools = [function(name)]
    if taken:
        assert (await Instance().create(model=model, tools=tools))["tools"][0]["name"] == name
        return
    error = await refusal({"model": model, "tools": tools})
    assert error.param == "tools[0].name"
    assert "string does not match pattern" in error.message
