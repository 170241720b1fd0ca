"""What models and api-versions refuse, in the service's words as users reported them."""

from typing import Any

import httpx2
import pytest

ASK = [{"role": "user", "content": "Hello"}]
NEW = "2025-04-01-preview"


def chat(http: httpx2.Client, model: str, version: str = NEW, **more: Any) -> httpx2.Response:
    path = f"/openai/deployments/{model}/chat/completions?api-version={version}"
    return http.post(path, json={"messages": ASK, **more})


def call(id_: str = "call_1", name: str = "look_up") -> list[dict[str, Any]]:
    function = {"name": name, "arguments": "{}"}
    return [
        *ASK,
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": id_, "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": id_, "content": "found"},
    ]


GATE = "Model {modelName} is enabled only for api versions 2024-12-01-preview and later"
FILE = {
    "type": "file",
    "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AA"},
}
REFUSED: list[tuple[str, str, dict[str, Any], str, str | None, str | None]] = [
    ("o1", "2024-10-21", {}, GATE, "BadRequest", None),
    ("o3-mini", "2024-06-01", {}, GATE, "BadRequest", None),
    (
        "gpt-5-mini",
        NEW,
        {"stop": ["x"]},
        "Unsupported parameter: 'stop' is not supported with this model.",
        "unsupported_parameter",
        "stop",
    ),
    (
        "gpt-5.1",
        NEW,
        {"reasoning_effort": "minimal"},
        (
            "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. Supported "
            "values are: 'none', 'low', 'medium', and 'high'."
        ),
        "unsupported_value",
        "reasoning_effort",
    ),
    # Measured by several users of OpenAI's API, 2026-07 to 2026-11: responses take `max`.
    (
        "gpt-5.6-terra",
        NEW,
        {"reasoning_effort": "max"},
        (
            "Unsupported value: 'reasoning_effort' does not support 'max' with this model. Supported "
            "values are: 'none', 'low', 'medium', 'high', and 'xhigh'."
        ),
        "unsupported_value",
        "reasoning_effort",
    ),
    (
        "gpt-6-astra",
        NEW,
        {"reasoning_effort": "max"},
        (
            "Unsupported value: 'reasoning_effort' does not support 'max' with this model. Supported "
            "values are: 'low', 'medium', 'high', and 'xhigh'."
        ),
        "unsupported_value",
        "reasoning_effort",
    ),
    # Many users of chat, 2024 to 2026.
    (
        "gpt-4o",
        NEW,
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "image_url",
                            "image_url": {"url": "data:application/pdf;base64,AA"},
                        }
                    ],
                }
            ]
        },
        "Invalid MIME type. Only image types are supported.",
        "invalid_image_format",
        None,
    ),
    (
        "gpt-5.2",
        NEW,
        {"reasoning_effort": "low", "temperature": 0.2},
        (
            "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) "
            "value is supported."
        ),
        "unsupported_value",
        "temperature",
    ),
    (
        "gpt-4o",
        "2024-06-01",
        {"max_completion_tokens": 5, "stream": True, "stream_options": {"include_usage": True}},
        "Unrecognized request arguments supplied: max_completion_tokens, stream_options",
        None,
        None,
    ),
    (
        "gpt-4o",
        "2023-05-15",
        {"topP": 1, "frequencyPenalty": 0},
        "Unrecognized request arguments supplied: frequencyPenalty, topP",
        None,
        None,
    ),
    (
        "gpt-4o-2024-05-13",
        NEW,
        {"tools": [{"type": "function", "function": {"name": "f"}}], "parallel_tool_calls": True},
        "Unrecognized request argument supplied: parallel_tool_calls",
        None,
        None,
    ),
    (
        "o1",
        "2024-12-01-preview",
        {"stream": True},
        (
            "Unsupported value: 'stream' does not support true with this model. Supported values are: "
            "false."
        ),
        "unsupported_value",
        "stream",
    ),
    (
        "o1-mini",
        NEW,
        {"messages": [{"role": "system", "content": "Be brief."}, *ASK]},
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        "unsupported_value",
        "messages[0].role",
    ),
    (
        "gpt-4o",
        "2024-10-21",
        {"messages": [{"role": "developer", "content": "Be brief."}, *ASK]},
        (
            "Invalid value: 'developer'. Supported values are: 'system', 'assistant', 'user', "
            "'function', and 'tool'."
        ),
        "invalid_value",
        "messages[0].role",
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": call("call_" + "x" * 36)},
        (
            "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum "
            "length 40, but got a string with length 41 instead."
        ),
        "string_above_max_length",
        "messages[1].tool_calls[0].id",
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": call(name="look up")},
        (
            "Invalid 'messages[1].tool_calls[0].function.name': string does not match pattern. Expected a "
            "string that matches the pattern '^[a-zA-Z0-9_\\.-]+$'."
        ),
        "invalid_value",
        "messages[1].tool_calls[0].function.name",
    ),
    (
        "gpt-4o",
        NEW,
        {
            "messages": [
                *ASK,
                {
                    "role": "assistant",
                    "content": None,
                    "function_call": {"name": "look up", "arguments": "{}"},
                },
            ]
        },
        (
            "Invalid 'messages[1].function_call.name': string does not match pattern. Expected a "
            "string that matches the pattern '^[a-zA-Z0-9_\\.-]+$'."
        ),
        "invalid_value",
        "messages[1].function_call.name",
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": [*ASK, {"role": "function", "name": "look up", "content": "21"}]},
        (
            "Invalid 'messages[1].name': string does not match pattern. Expected a "
            "string that matches the pattern '^[a-zA-Z0-9_\\.-]+$'."
        ),
        "invalid_value",
        "messages[1].name",
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": [{"role": "user", "content": "Hi", "name": "Kim Lee"}]},
        (
            "Invalid 'messages[0].name': string does not match pattern. Expected a string that matches "
            "the pattern '^[^\\s<|\\\\/>]+$'."
        ),
        "invalid_value",
        "messages[0].name",
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": [*ASK, {"role": "assistant", "content": None}, *ASK]},
        "Invalid value for 'content': expected a string, got null.",
        None,
        "messages.[1].content",
    ),
    *(
        (
            "gpt-4o",
            NEW,
            {"messages": [*ASK, message]},
            "Invalid value for 'content': expected a string, got null.",
            None,
            "messages.[1].content",
        )
        for message in (
            {"role": "user"},
            {"role": "user", "content": None},
            {"role": "system", "content": None},
            {"role": "tool", "content": None, "tool_call_id": "call_1"},
        )
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": [{"role": "developer", "content": None}]},
        (
            "Invalid type for 'messages[0].content': expected one of a string or array of objects, but "
            "got null instead."
        ),
        "invalid_type",
        "messages[0].content",
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": [{"role": "bot", "content": "x"}]},
        (
            "Invalid value: 'bot'. Supported values are: 'system', 'assistant', 'user', 'function', "
            "'tool', and 'developer'."
        ),
        "invalid_value",
        "messages[0].role",
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": [{"role": "user", "content": [{"type": "input_text", "text": "x"}]}]},
        (
            "Invalid value: 'input_text'. Supported values are: 'text', 'image_url', 'input_audio', "
            "'refusal', 'audio', and 'file'."
        ),
        "invalid_value",
        "messages[0].content[0].type",
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": ASK, "tool_choice": 7},
        (
            "Invalid type for 'tool_choice': expected one of one of 'none', 'auto', or 'required' or "
            "object, but got an integer instead."
        ),
        "invalid_type",
        "tool_choice",
    ),
    (
        "gpt-4o",
        NEW,
        {"messages": ASK, "metadata": "x"},
        "Invalid type for 'metadata': expected a metadata object, but got a string instead.",
        "invalid_type",
        "metadata",
    ),
    (
        "gpt-5",
        NEW,
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "Sum up"}, FILE]}]},
        "Invalid Value: 'file'. This model does not support file content types.",
        "invalid_value",
        "messages[0].content[1].type",
    ),
    (
        "gpt-4o",
        NEW,
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "a.png"}}]}
            ]
        },
        (
            "Invalid 'messages[0].content[0].image_url.url'. Expected a valid URL, but got a value with "
            "an invalid format."
        ),
        "invalid_value",
        "messages[0].content[0].image_url.url",
    ),
    (
        "gpt-4o",
        NEW,
        {"prompt_cache_key": "x" * 65},
        (
            "Invalid 'prompt_cache_key': string too long. Expected a string with maximum length 64, but "
            "got a string with length 65 instead."
        ),
        "string_above_max_length",
        "prompt_cache_key",
    ),
    (
        "gpt-4-0613",
        "2024-02-01",
        {"response_format": {"type": "json_object"}},
        "Invalid parameter: 'response_format' of type 'json_object' is not supported with this model.",
        None,
        "response_format",
    ),
]


@pytest.mark.parametrize(("model", "version", "body", "message", "code", "param"), REFUSED)
def test_a_chat_is_refused_in_the_services_words(
    http: httpx2.Client,
    model: str,
    version: str,
    body: dict[str, Any],
    message: str,
    code: str | None,
    param: str | None,
) -> None:
    answer = chat(http, model, version, **body)
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (400, message)
    assert (error.get("code"), error.get("param")) == (code, param)


@pytest.mark.parametrize(
    ("model", "body"),
    [
        ("gpt-5.1", {"temperature": 0.2}),
        ("gpt-5.4", {"temperature": 0.2, "top_p": 0.5, "reasoning_effort": "none"}),
        ("gpt-5.1", {"stop": ["x"]}),
        ("o3-mini", {"stop": ["x"]}),
        ("gpt-5-nano", {"reasoning_effort": "minimal"}),
        ("gpt-4.1", {"tools": [{"type": "function", "function": {"name": "a.b"}}]}),
        ("gpt-4o", {"messages": [{"role": "developer", "content": "Be brief."}, *ASK]}),
        ("gpt-4o", {"messages": call("call_" + "x" * 35)}),
        ("gpt-4o", {"user": "x" * 64}),
    ],
)
def test_what_the_model_takes_is_answered(
    http: httpx2.Client, model: str, body: dict[str, Any]
) -> None:
    assert chat(http, model, **body).status_code == 200


@pytest.mark.parametrize("extra", [{"logprobs": 1}, {"best_of": 1}, {"echo": True}])
def test_gpt_35_turbo_completes_without_the_extras(
    http: httpx2.Client, extra: dict[str, Any]
) -> None:
    path = "/openai/deployments/gpt-35-turbo/completions?api-version=2023-05-15"
    answer = http.post(path, json={"prompt": "Hello", **extra})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BadRequest"


@pytest.mark.parametrize(
    ("body", "message", "param"),
    [
        (
            {"model": "gpt-5-pro", "reasoning": {"effort": "low"}},
            (
                "Unsupported value: 'low' is not supported with the 'gpt-5-pro' model. Supported values "
                "are: 'high'."
            ),
            "reasoning.effort",
        ),
        (
            {
                "model": "gpt-5-codex",
                "input": [
                    *ASK,
                    {"type": "function_call", "call_id": "1", "name": "", "arguments": ""},
                ],
            },
            (
                "Invalid 'input[1].name': empty string. Expected a string with minimum length 1, but got "
                "an empty string instead."
            ),
            "input[1].name",
        ),
        (
            {
                "model": "gpt-4o",
                "input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}],
            },
            (
                "Invalid 'input[0].content[0].image_url'. Expected a valid URL, but got a value with an "
                "invalid format."
            ),
            "input[0].content[0].image_url",
        ),
        (
            {
                "model": "gpt-4o",
                "input": [
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "input_image",
                                "image_url": "data:application/pdf;base64,AA",
                            }
                        ],
                    }
                ],
            },
            (
                "Invalid 'input[0].content[0].image_url'. Expected a base64-encoded data URL with an "
                "image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got "
                "unsupported MIME type 'application/pdf'."
            ),
            "input[0].content[0].image_url",
        ),
    ],
)
def test_responses_reads_the_same_table(
    http: httpx2.Client, body: dict[str, Any], message: str, param: str
) -> None:
    answer = http.post("/openai/v1/responses", json={"input": "Hello", **body})
    error = answer.json()["error"]
    assert (answer.status_code, error["message"], error["param"]) == (400, message, param)
