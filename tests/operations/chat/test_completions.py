"""Chat completions, asked by the official client over a socket."""

import asyncio
import json
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from simulator.catalogue.models import find_model
from simulator.messages import Request
from tests.conftest import API_VERSION, KEY, MakeSimulator, Serve
from tests.support.asking import ask, route
from tests.support.reference import encoding_of

Client = openai.AzureOpenAI
MESSAGES: list[Any] = [{"role": "user", "content": "Tell me about serverless apps."}]
ASK_JSON: list[Any] = [{"role": "user", "content": "Answer in JSON."}]
PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def tokens(text: str, model: str) -> int:
    return len(encoding_of(model).encode_ordinary(text))


_TOOL: Any = {
    "type": "function",
    "function": {"name": "look", "parameters": {"type": "object", "properties": {}}},
}
_NO_CALLS = (
    "is not supported in this model. For a list of supported models, refer to "
    "https://platform.openai.com/docs/guides/function-calling#models-supporting-function-calling."
)
_PICTURE: Any = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
_SPOKEN: Any = {
    "role": "user",
    "content": [{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}],
}


def chat(client: Client, model: str = "gpt-4o", **parameters: Any) -> Any:
    return client.chat.completions.create(**{"model": model, "messages": MESSAGES, **parameters})


def streamed(client: Client, model: str = "gpt-4o", **parameters: Any) -> list[ChatCompletionChunk]:
    return list(chat(client, model, stream=True, **parameters))


def text_of(chunks: list[ChatCompletionChunk], index: int = 0) -> str:
    choices = [choice for chunk in chunks for choice in chunk.choices if choice.index == index]
    return "".join(choice.delta.content or "" for choice in choices)


@pytest.mark.parametrize("model", ["gpt-35-turbo", "gpt-4", "gpt-4o", "gpt-4.1-mini"])
@pytest.mark.parametrize("asked", [1, 2, 3, 16, 100, 1000])
def test_a_text_has_exactly_as_many_tokens_as_asked(client: Client, model: str, asked: int) -> None:
    answer = chat(client, model, max_tokens=asked)
    choice = answer.choices[0]
    assert tokens(choice.message.content, model) == asked == answer.usage.completion_tokens
    assert choice.finish_reason == "length"


# One user message is so many more than its text (recorded 2024 to 2026).
@pytest.mark.parametrize(
    ("model", "more"), [("gpt-35-turbo", 7), ("gpt-4.1-mini", 7), ("gpt-4o", 7), ("gpt-5.2", 6)]
)
@pytest.mark.parametrize("text", ["Hey, what is up?", "", "naïve \N{GRINNING FACE} <|endoftext|>"])
def test_usage_is_what_tiktoken_and_the_recordings_say(
    client: Client, model: str, more: int, text: str
) -> None:
    answer = chat(
        client, model, messages=[{"role": "user", "content": text}], max_completion_tokens=5
    )
    assert answer.usage.prompt_tokens == tokens(text, model) + more
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_without_a_maximum_an_answer_has_a_natural_end(serve: Serve) -> None:
    url = serve(answer_tokens_mean=40.0, answer_tokens_std_dev=0.0)
    with Client(azure_endpoint=url, api_key=KEY, api_version=API_VERSION) as client:
        answer = chat(client)
    assert answer.usage.completion_tokens == 40
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.content.endswith(".")


@pytest.mark.parametrize(
    "message",
    [
        {"role": "system", "content": "Be brief."},
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": "Hi", "name": "kim"},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://a/b"}}]},
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}}],
        },
        {"role": "assistant", "content": "Hello."},
        {"role": "assistant", "content": None, "refusal": "I'm sorry."},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "I'm sorry."}]},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "3"},
    ],
    ids=json.dumps,
)
def test_every_kind_of_message_is_taken(client: Client, message: Any) -> None:
    answer = chat(client, messages=[message, *MESSAGES], max_tokens=3)
    assert answer.choices[0].message.role == "assistant"


def test_a_tools_result_is_taken(client: Client) -> None:
    called = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
    ]
    assert chat(client, messages=[*MESSAGES, *messages], max_tokens=3).choices


@pytest.mark.parametrize(("detail", "cost"), [("low", 85), ("high", 255)])
def test_an_image_costs_what_its_size_and_detail_say(
    client: Client, detail: str, cost: int
) -> None:
    def prompt(*parts: Any) -> int:
        content = [{"type": "text", "text": "What is it?"}, *parts]
        answer = chat(client, messages=[{"role": "user", "content": content}], max_tokens=1)
        return answer.usage.prompt_tokens

    image = {"type": "image_url", "image_url": {"url": PIXEL, "detail": detail}}
    assert prompt(image) - prompt() == cost


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("data:image/png;base64,iVBORw0KGgo=", ("your image is valid.", "image_parse_error")),
        ("data:image/bmp;base64,Qk0AAAA=", ("'gif', 'webp'].", "invalid_image_format")),
        ("data:image/png;base64,!", ("'gif', 'webp'].", "invalid_image_format")),
        ("data:", ("'gif', 'webp'].", "invalid_image_format")),
    ],
)
def test_a_broken_image_is_refused(client: Client, url: str, words: tuple[str, str]) -> None:
    image = {"type": "image_url", "image_url": {"url": url}}
    with pytest.raises(
        openai.BadRequestError, match="You uploaded an unsupported image"
    ) as refused:
        chat(client, messages=[{"role": "user", "content": [image]}])
    body: Any = refused.value.body
    assert (body["message"].endswith(words[0]), body["code"]) == (True, words[1])


def test_a_model_without_vision_refuses_images(client: Client) -> None:
    image = {"type": "image_url", "image_url": {"url": PIXEL}}
    with pytest.raises(openai.BadRequestError, match="only supported by certain models"):
        chat(client, "gpt-35-turbo", messages=[{"role": "user", "content": [image]}])


def test_more_images_than_the_service_takes_are_refused(client: Client) -> None:
    image = {"type": "image_url", "image_url": {"url": "http://a/b"}}
    with pytest.raises(openai.BadRequestError, match="Too many images in request"):
        chat(client, messages=[{"role": "user", "content": [image] * 51}])


def test_n_choices_are_answered_and_counted(client: Client) -> None:
    answer = chat(client, n=3, max_tokens=10)
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert answer.usage.completion_tokens == 30
    assert len({choice.message.content for choice in answer.choices}) > 1


@pytest.mark.parametrize("stream", [False, True])
def test_a_text_ends_before_its_stop_sequence(client: Client, stream: bool) -> None:
    asked = {"stop": [" the", "zzz"], "max_tokens": 400, "seed": 3}
    if stream:
        chunks = streamed(client, **asked)
        text, reason = text_of(chunks), chunks[-1].choices[0].finish_reason
    else:
        answer = chat(client, **asked)
        text, reason = answer.choices[0].message.content, answer.choices[0].finish_reason
        assert answer.usage.completion_tokens == tokens(text, "gpt-4o")
    assert " the" not in text
    assert reason == "stop"


@pytest.mark.parametrize("stop", ["", [], [""], "never in there", None])
def test_a_stop_sequence_that_is_not_there_stops_nothing(client: Client, stop: Any) -> None:
    assert chat(client, stop=stop, max_tokens=20).usage.completion_tokens == 20


@pytest.mark.parametrize("parameters", [{"seed": 42}, {"temperature": 0}, {"seed": 0, "n": 2}])
def test_the_same_request_gives_the_same_text(client: Client, parameters: dict[str, Any]) -> None:
    texts = {
        tuple(choice.message.content for choice in chat(client, **parameters).choices)
        for _ in range(3)
    }
    assert len(texts) == 1


def test_another_seed_gives_another_text(client: Client) -> None:
    texts = {chat(client, seed=seed).choices[0].message.content for seed in range(4)}
    assert len(texts) > 1


def test_without_a_seed_texts_differ(client: Client) -> None:
    assert len({chat(client).choices[0].message.content for _ in range(4)}) > 1


def test_a_stream_and_a_plain_answer_of_one_seed_say_the_same(client: Client) -> None:
    asked: dict[str, Any] = {"seed": 42, "max_tokens": 60}
    assert text_of(streamed(client, **asked)) == chat(client, **asked).choices[0].message.content


@pytest.mark.parametrize("maximum", [None, 5, 6, 50])
def test_json_mode_answers_valid_json(client: Client, maximum: int | None) -> None:
    asked: dict[str, Any] = {"messages": ASK_JSON, "response_format": {"type": "json_object"}}
    if maximum:
        asked["max_tokens"] = maximum
    answer = chat(client, **asked)
    assert isinstance(json.loads(answer.choices[0].message.content), dict)
    assert answer.choices[0].finish_reason == "stop"
    text = text_of(streamed(client, **asked))
    assert isinstance(json.loads(text), dict)


def test_json_mode_cut_short_says_so(client: Client) -> None:
    asked: dict[str, Any] = {"messages": ASK_JSON, "response_format": {"type": "json_object"}}
    assert chat(client, **asked, max_tokens=3).choices[0].finish_reason == "length"


def test_a_stop_sequence_ends_json_too(client: Client) -> None:
    asked: dict[str, Any] = {"messages": ASK_JSON, "response_format": {"type": "json_object"}}
    answer = chat(client, **asked, stop="answer")
    assert answer.choices[0].message.content == '{"'
    assert answer.choices[0].finish_reason == "stop"


def test_json_mode_wants_the_word_in_the_messages(client: Client) -> None:
    with pytest.raises(openai.BadRequestError, match="must contain the word 'json' in some form"):
        chat(client, response_format={"type": "json_object"})


@pytest.mark.parametrize("top", [None, 0, 1, 5, 20])
def test_log_probabilities_fit_the_text(client: Client, top: int | None) -> None:
    answer = chat(client, logprobs=True, top_logprobs=top, max_tokens=12)
    content = answer.choices[0].logprobs.content
    assert "".join(entry.token for entry in content) == answer.choices[0].message.content
    for entry in content:
        assert entry.logprob <= 0
        assert bytes(entry.bytes).decode() == entry.token
        likeliest = [likely.logprob for likely in entry.top_logprobs]
        assert len(likeliest) == (top or 0)
        assert likeliest == sorted(likeliest, reverse=True)
        assert len({likely.token for likely in entry.top_logprobs}) == len(likeliest)


def test_streamed_log_probabilities_fit_their_chunks(client: Client) -> None:
    chunks = streamed(client, logprobs=True, top_logprobs=2, max_tokens=12, n=2)
    seen = 0
    for chunk in chunks:
        for choice in chunk.choices:
            if choice.delta.content:
                assert choice.logprobs is not None
                assert choice.logprobs.content is not None
                assert choice.logprobs.content[0].token == choice.delta.content
                seen += 1
            else:
                assert choice.logprobs is None
    assert seen == 24


def test_a_stream_has_the_recorded_sequence(client: Client) -> None:
    first, role, *contents, finish = streamed(client, max_tokens=5)
    assert first.choices == []
    assert first.model_extra is not None
    assert "prompt_filter_results" in first.model_extra
    assert (role.choices[0].delta.role, role.choices[0].delta.content) == ("assistant", "")
    assert [chunk.choices[0].finish_reason for chunk in contents] == [None] * 5
    assert finish.choices[0].finish_reason == "length"
    assert len({chunk.id for chunk in (role, *contents, finish)}) == 1


def test_a_stream_reports_its_usage_if_requested(client: Client) -> None:
    *chunks, last = streamed(client, max_tokens=5, stream_options={"include_usage": True})
    assert all(chunk.usage is None for chunk in chunks)
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens == 5


async def test_events_have_a_usage_member_only_if_asked(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator()
    for options, expected in [({"include_usage": True}, True), ({}, False), (None, False)]:
        body = {"messages": MESSAGES, "stream": True, "stream_options": options}
        events = (await ask(simulator, route("chat/completions", "gpt-4o"), body)).events
        assert all(("usage" in event) is expected for event in events[1:])
        assert "usage" not in events[0]


async def test_events_are_padded_unless_the_client_does_not_want_it(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator()
    for wanted, expected in [(True, True), (None, True), (False, False)]:
        options = {"include_obfuscation": wanted, "include_usage": True}
        body = {"messages": MESSAGES, "stream": True, "stream_options": options}
        events = (await ask(simulator, route("chat/completions", "gpt-4o"), body)).events
        assert all(("obfuscation" in event) is expected for event in events[1:])


def test_the_choices_of_a_stream_are_distinguished(client: Client) -> None:
    chunks = streamed(client, n=3, max_tokens=10)
    for index in range(3):
        assert tokens(text_of(chunks, index), "gpt-4o") == 10
    finished = [chunk.choices[0].index for chunk in chunks[-3:]]
    assert finished == [0, 1, 2]


async def test_the_async_client_reads_plain_and_streamed_answers(
    async_client: openai.AsyncAzureOpenAI,
) -> None:
    answer = await async_client.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, max_tokens=7
    )
    stream = await async_client.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, max_tokens=7, stream=True
    )
    text = "".join([c.choices[0].delta.content or "" async for c in stream if c.choices])
    assert answer.usage is not None
    assert tokens(text, "gpt-4o") == answer.usage.completion_tokens == 7


async def test_a_hundred_requests_at_a_time_are_answered(
    async_client: openai.AsyncAzureOpenAI,
) -> None:
    answers = await asyncio.gather(
        *(
            async_client.chat.completions.create(model="gpt-4o", messages=MESSAGES, max_tokens=n)
            for n in range(1, 101)
        )
    )
    assert [answer.usage and answer.usage.completion_tokens for answer in answers] == [
        *range(1, 101)
    ]


def test_a_reasoning_model_thinks_before_it_answers(client: Client) -> None:
    usage = chat(client, "gpt-5-mini").usage
    thought = usage.completion_tokens_details.reasoning_tokens
    assert thought > 0
    assert thought % 64 == 0
    assert usage.completion_tokens > thought


@pytest.mark.parametrize(("model", "effort"), [("gpt-5.1", "none"), ("gpt-5", "minimal")])
def test_the_least_effort_is_no_thinking(client: Client, model: str, effort: Any) -> None:
    usage = chat(client, model, reasoning_effort=effort).usage
    assert usage.completion_tokens_details.reasoning_tokens == 0


def test_more_effort_is_more_thinking(client: Client) -> None:
    thought = [
        chat(
            client, "gpt-5", reasoning_effort=effort
        ).usage.completion_tokens_details.reasoning_tokens
        for effort in ("low", "medium", "high")
    ]
    assert thought == sorted(thought)


def test_gpt_5_1_and_later_think_only_when_requested(client: Client) -> None:
    assert chat(client, "gpt-5.2").usage.completion_tokens_details.reasoning_tokens == 0
    asked = chat(client, "gpt-5.2", reasoning_effort="high").usage
    assert asked.completion_tokens_details.reasoning_tokens > 0


def test_thinking_may_use_up_the_maximum(client: Client) -> None:
    answer = chat(client, "gpt-5", max_completion_tokens=10, reasoning_effort="high")
    assert answer.usage.completion_tokens == 10
    assert answer.usage.completion_tokens_details.reasoning_tokens == 10
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("", "length")


@pytest.mark.parametrize(
    ("model", "parameters", "message", "param", "code"),
    [
        (
            "gpt-5",
            {"max_tokens": 5},
            (
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                "'max_completion_tokens' instead."
            ),
            "max_tokens",
            "unsupported_parameter",
        ),
        (
            "o4-mini",
            {"temperature": 0.2},
            (
                "Unsupported value: 'temperature' does not support 0.2 with this model. Only the "
                "default (1) value is supported."
            ),
            "temperature",
            "unsupported_value",
        ),
        (
            "gpt-5",
            {"presence_penalty": 1},
            "Unsupported parameter: 'presence_penalty' is not supported with this model.",
            "presence_penalty",
            "unsupported_parameter",
        ),
        (
            "gpt-5.6-luna",
            {"top_p": 0.9},
            "Unsupported parameter: 'top_p' is not supported with this model.",
            "top_p",
            "unsupported_parameter",
        ),
        (
            "gpt-5-mini",
            {"extra_body": {"web_search_options": {}}},
            "Unknown parameter: 'web_search_options'.",
            "web_search_options",
            "unknown_parameter",
        ),
        (
            "gpt-4o",
            {"extra_body": {"web_search_options": {}}},
            "Unrecognized request argument supplied: web_search_options",
            None,
            None,
        ),
        *(
            (
                "gpt-4o",
                {"messages": [*MESSAGES, {"role": role, "content": [_PICTURE]}]},
                (
                    "Invalid 'messages[1]'. Image URLs are only allowed for messages with role "
                    f"'user', but this message with role '{role}' contains an image URL."
                ),
                "messages[1]",
                "invalid_value",
            )
            for role in ("system", "assistant")
        ),
        (
            "gpt-4o",
            {"messages": [_SPOKEN]},
            "Invalid content type. input_audio is only supported by certain models.",
            "messages.[0].content.[0].type",
            None,
        ),
        (
            "o1-mini",
            {"reasoning_effort": "low"},
            "Unknown parameter: 'reasoning_effort'.",
            "reasoning_effort",
            "unknown_parameter",
        ),
        (
            "o3",
            {"stop": "\n"},
            "Unsupported parameter: 'stop' is not supported with this model.",
            "stop",
            "unsupported_parameter",
        ),
        (
            "o1-mini",
            {"tools": [_TOOL]},
            f"tools {_NO_CALLS}",
            None,
            None,
        ),
        (
            "o4-mini",
            {"functions": [_TOOL["function"]]},
            f"functions {_NO_CALLS}",
            None,
            None,
        ),
        (
            "gpt-35-turbo-0301",
            {"functions": [_TOOL["function"]]},
            "Unrecognized request argument supplied: functions",
            None,
            None,
        ),
        (
            "gpt-4-vision-preview",
            {"tools": [_TOOL]},
            (
                "1 validation error for Request\nbody -> tools\n  extra fields not permitted "
                "(type=value_error.extra)"
            ),
            None,
            None,
        ),
        (
            "gpt-5",
            {"reasoning_effort": "max"},
            (
                "Unsupported value: 'reasoning_effort' does not support 'max' with this model. "
                "Supported values are: 'minimal', 'low', 'medium', and 'high'."
            ),
            "reasoning_effort",
            "unsupported_value",
        ),
        (
            "gpt-5",
            {"reasoning_effort": "most"},
            (
                "Invalid value: 'most'. Supported values are: 'none', 'minimal', 'low', 'medium', "
                "'high', 'xhigh', and 'max'."
            ),
            "reasoning_effort",
            "invalid_value",
        ),
        (
            "gpt-5",
            {"logprobs": True},
            "Unsupported parameter: 'logprobs' is not supported with this model.",
            "logprobs",
            "unsupported_parameter",
        ),
        (
            "gpt-4o",
            {"reasoning_effort": "low"},
            "Unrecognized request argument supplied: reasoning_effort",
            None,
            None,
        ),
        (
            "gpt-4o",
            {"max_tokens": 5, "max_completion_tokens": 5},
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            None,
            "invalid_parameter_combination",
        ),
        (
            "gpt-4o",
            {"max_tokens": 20000},
            (
                "max_tokens is too large: 20000. This model supports at most 16384 completion tokens, "
                "whereas you provided 20000."
            ),
            "max_tokens",
            "invalid_value",
        ),
        (
            "gpt-4o",
            {"max_completion_tokens": 20000},
            (
                "max_completion_tokens is too large: 20000. This model supports at most 16384 "
                "completion tokens, whereas you provided 20000."
            ),
            "max_completion_tokens",
            "invalid_value",
        ),
        (
            "gpt-4o",
            {"top_logprobs": 3},
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
            "top_logprobs",
            None,
        ),
        (
            "gpt-4o",
            {"stream_options": {"include_usage": True}},
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            "stream_options",
            None,
        ),
        (
            "gpt-4o",
            {"max_tokens": -1},
            (
                "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got -1 "
                "instead."
            ),
            "max_tokens",
            "integer_below_min_value",
        ),
        (
            "gpt-4o",
            {"seed": 2**63},
            (
                f"Invalid 'seed': integer above maximum value. Expected a value <= {2**63 - 1}, but got "
                f"{2**63} instead."
            ),
            "seed",
            "integer_above_max_value",
        ),
        (
            "gpt-4o",
            {"messages": [{"role": "user", "content": []}]},
            (
                "Invalid 'messages[0].content': empty array. Expected an array with minimum length 1, "
                "but got an empty array instead."
            ),
            "messages[0].content",
            "empty_array",
        ),
    ],
)
def test_a_request_is_refused_in_the_services_words(
    client: Client,
    model: str,
    parameters: dict[str, Any],
    message: str,
    param: str | None,
    code: str | None,
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        chat(client, model, **parameters)
    assert refused.value.body == {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("gpt-5.4", {"reasoning_effort": "low"}),
        ("gpt-5.4-mini", {"reasoning_effort": "high", "stream": True}),
        ("gpt-5.5", {"reasoning_effort": "medium"}),
        ("gpt-5.6-luna", {}),
        ("gpt-6-astra", {"reasoning_effort": "xhigh"}),
        ("gpt-6.1-sol", {}),
    ],
)
def test_newer_models_take_no_tools_in_chat_while_they_reason(
    client: Client, model: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        chat(client, model, tools=[_TOOL], **parameters)
    assert refused.value.body == {
        "message": f"Function tools with reasoning_effort are not supported for {model} in "
        "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to "
        "'none'.",
        "type": "invalid_request_error",
        "param": "reasoning_effort",
        "code": None,
    }


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("gpt-5.2", {"reasoning_effort": "low"}),
        ("gpt-5.4", {}),
        ("gpt-5.5", {}),
        ("gpt-5.5", {"reasoning_effort": "none"}),
        ("gpt-5.6-sol", {"reasoning_effort": "none"}),
    ],
)
def test_models_that_do_not_reason_then_take_tools_in_chat(
    client: Client, model: str, parameters: dict[str, Any]
) -> None:
    assert chat(client, model, tools=[_TOOL], **parameters).choices


@pytest.mark.parametrize("model", ["gpt-5", "o4-mini"])
def test_a_default_that_changes_nothing_is_taken(client: Client, model: str) -> None:
    assert chat(client, model, temperature=1, top_p=1, presence_penalty=0, logprobs=False).choices


def test_a_prompt_above_the_context_window_is_refused(client: Client) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        chat(client, messages=[{"role": "user", "content": "word " * 130_000}])
    assert refused.value.body == {
        "message": "This model's maximum context length is 128000 tokens. However, your messages "
        "resulted in 130008 tokens. Please reduce the length of the messages.",
        "type": "invalid_request_error",
        "param": "messages",
        "code": "context_length_exceeded",
    }


def test_a_prompt_and_its_answer_share_the_context_window(client: Client) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        chat(
            client,
            "gpt-35-turbo",
            messages=[{"role": "user", "content": "word " * 16_000}],
            max_tokens=1000,
        )
    assert refused.value.code == "context_length_exceeded"
    assert (
        "However, you requested 17008 tokens (16008 in the messages, 1000 in the completion). "
        "Please reduce the length of the messages or completion." in refused.value.message
    )


def test_an_answer_takes_no_more_than_the_window_leaves(client: Client) -> None:
    answer = chat(client, "gpt-35-turbo", messages=[{"role": "user", "content": "word " * 16_370}])
    assert answer.usage.total_tokens <= 16_385
    assert answer.choices[0].finish_reason == "length"


async def test_a_provisioned_deployment_has_its_own_smaller_window(
    make_simulator: MakeSimulator, tmp_path: Any
) -> None:
    path = tmp_path / "deployments.json"
    deployment = {"model": "gpt-4.1", "sku": "ProvisionedManaged", "ptu": 50}
    path.write_text(json.dumps({"own": deployment}))
    simulator = make_simulator(deployments_path=str(path))
    window = find_model("gpt-4.1").provisioned_context_window
    assert window is not None
    body = {"messages": [{"role": "user", "content": "word " * (window + 1)}]}
    reply = await ask(simulator, route("chat/completions", "own"), body)
    assert reply.status == 400
    assert f"maximum context length is {window} tokens" in reply.json["error"]["message"]


@pytest.mark.parametrize(
    ("key", "model", "error"),
    [
        ("wrong", "gpt-4o", openai.AuthenticationError),
        (KEY, "text-embedding-3-small", openai.BadRequestError),
    ],
)
def test_the_client_raises_what_it_raises_for_the_real_service(
    server: str, key: str, model: str, error: type[Exception]
) -> None:
    with (
        Client(azure_endpoint=server, api_key=key, api_version=API_VERSION) as client,
        pytest.raises(error),
    ):
        chat(client, model)


def test_an_unknown_version_is_not_found(server: str) -> None:
    with (
        Client(azure_endpoint=server, api_key=KEY, api_version="2020-01-01") as client,
        pytest.raises(openai.NotFoundError, match="Resource not found"),
    ):
        chat(client)


def test_a_schema_is_newer_than_an_old_version(server: str) -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    with (
        Client(azure_endpoint=server, api_key=KEY, api_version="2024-06-01") as client,
        pytest.raises(openai.BadRequestError, match="enabled only for api versions 2024-08-01"),
    ):
        chat(client, response_format=schema)


def test_the_plain_client_is_served_on_the_v1_routes(server: str) -> None:
    with openai.OpenAI(base_url=f"{server}/openai/v1", api_key=KEY) as client:
        answer = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, max_tokens=3)
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3


def test_a_double_slash_counts_as_one(server: str) -> None:
    with Client(azure_endpoint=f"{server}/", api_key=KEY, api_version=API_VERSION) as client:
        answer = client.with_options(base_url=f"{server}//openai/deployments/gpt-4o").post(
            f"/chat/completions?api-version={API_VERSION}",
            body={"messages": MESSAGES, "max_tokens": 2},
            cast_to=dict[str, Any],
        )
    assert answer["usage"]["completion_tokens"] == 2


def test_the_documented_parameters_are_taken(client: Client) -> None:
    answer = chat(
        client,
        frequency_penalty=-2,
        presence_penalty=2,
        top_p=0.5,
        temperature=2,
        logit_bias={"1234": -100},
        user="someone",
        metadata={"a": "b"},
        store=True,
        service_tier="auto",
        max_completion_tokens=4,
    )
    assert answer.usage.completion_tokens == 4


def test_an_answer_can_be_sent_back_as_it_came(client: Client) -> None:
    message = chat(client, max_tokens=5).choices[0].message.model_dump()
    assert message["annotations"] == []
    assert chat(client, messages=[*MESSAGES, message, *MESSAGES], max_tokens=5).choices


@pytest.mark.parametrize(
    "parameters",
    [
        {"audio": {"voice": "alloy", "format": "wav"}},
        {"user_security_context": {"application_name": "a"}},
    ],
    ids=json.dumps,
)
def test_an_object_that_changes_nothing_here_is_taken(
    client: Client, parameters: dict[str, Any]
) -> None:
    assert chat(client, extra_body=parameters, max_tokens=2).choices


async def test_a_stream_of_very_many_tokens_is_whole(make_simulator: MakeSimulator) -> None:
    body = {
        "messages": [{"role": "user", "content": "Hello"}],
        "max_tokens": 3_000,
        "n": 2,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    request = Request(
        "POST",
        "/openai/deployments/gpt-4o/chat/completions",
        f"api-version={API_VERSION}",
        {"api-key": KEY},
        json.dumps(body).encode(),
    )
    response = await make_simulator()(request)
    assert not isinstance(response.body, bytes)
    events = b"".join([piece async for piece in response.body]).decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-2]]
    assert chunks[-1]["usage"]["completion_tokens"] == 6_000
    contents = [c["choices"][0]["delta"].get("content") for c in chunks if c["choices"]]
    assert len([content for content in contents if content]) == 6_000
