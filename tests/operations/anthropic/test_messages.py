"""Messages of Claude, plain and streamed, through Anthropic's client under strict validation."""

import base64
import json
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import AnthropicFoundry, AsyncAnthropicFoundry

from tests.conftest import KEY, served

HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
WEATHER: dict[str, Any] = {
    "name": "weather",
    "description": "The weather in a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
OSLO: list[Any] = [{"role": "user", "content": "What is the weather in Oslo?"}]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_a_message_is_answered(claude: AnthropicFoundry) -> None:
    answer = claude.messages.create(model="sonnet", max_tokens=20, messages=HELLO)
    assert answer.id.startswith("msg_01")
    assert (answer.type, answer.role) == ("message", "assistant")
    assert answer.model == "claude-sonnet-4-5-20250929"
    assert [block.type for block in answer.content] == ["text"]
    assert (answer.stop_reason, answer.stop_sequence) == ("max_tokens", None)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (9, 20)
    assert answer._request_id is not None
    assert answer._request_id.startswith("req_01")


def test_a_stream_has_each_event_in_its_turn(claude: AnthropicFoundry) -> None:
    with claude.messages.create(
        model="sonnet", max_tokens=5, messages=HELLO, stream=True
    ) as stream:
        kinds = [event.type for event in stream]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_a_stream_comes_to_a_whole_message(claude: AnthropicFoundry) -> None:
    with claude.messages.stream(model="opus", max_tokens=50, messages=HELLO) as stream:
        text = "".join(stream.text_stream)
        whole = stream.get_final_message()
    assert text == whole.content[0].text  # type: ignore[union-attr]  # a text
    assert (whole.model, whole.stop_reason) == ("claude-opus-5", "max_tokens")
    assert whole.usage.output_tokens == 50


async def test_the_asynchronous_client_is_answered(host: str) -> None:
    async with (
        AsyncAnthropicFoundry(base_url=f"{host}/anthropic", api_key=KEY) as client,
        client.messages.stream(model="sonnet", max_tokens=10, messages=HELLO) as stream,
    ):
        assert [text async for text in stream.text_stream]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_is_called_and_its_result_is_answered(
    claude: AnthropicFoundry, streamed: bool
) -> None:
    asked: dict[str, Any] = {"model": "sonnet", "max_tokens": 200, "tools": [WEATHER]}
    if streamed:
        with claude.messages.stream(**asked, messages=OSLO) as stream:
            answer = stream.get_final_message()
    else:
        answer = claude.messages.create(**asked, messages=OSLO)
    assert answer.stop_reason == "tool_use"
    [call] = answer.content
    assert call.type == "tool_use"
    assert call.id.startswith("toolu_01")
    assert (call.name, set(call.input)) == ("weather", {"city"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "Rain"}
    turns: list[Any] = [
        *OSLO,
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    told = claude.messages.create(**asked, messages=turns)
    assert told.content[0].type == "text"


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ({"type": "auto"}, 0),
        ({"type": "any"}, 1),
        ({"type": "tool", "name": "weather"}, 1),
        ({"type": "none"}, 0),
    ],
)
def test_a_choice_decides_on_tools(
    claude: AnthropicFoundry, choice: dict[str, str], called: int
) -> None:
    answer = claude.messages.create(
        model="sonnet",
        max_tokens=100,
        messages=HELLO,
        tools=[WEATHER],  # type: ignore[list-item]  # a dict
        tool_choice=choice,  # type: ignore[arg-type]  # a dict
    )
    assert sum(block.type == "tool_use" for block in answer.content) == called


def test_parallel_calls_can_be_switched_off(claude: AnthropicFoundry) -> None:
    time = {**WEATHER, "name": "time", "description": "The time in a city"}
    question: list[Any] = [{"role": "user", "content": "Weather and time in Oslo?"}]
    asked: dict[str, Any] = {
        "model": "sonnet",
        "max_tokens": 200,
        "messages": question,
        "tools": [WEATHER, time],
    }
    assert len(claude.messages.create(**asked).content) == 2
    alone: Any = {"type": "auto", "disable_parallel_tool_use": True}
    assert len(claude.messages.create(**asked, tool_choice=alone).content) == 1


def test_tools_of_anthropic_are_never_called(claude: AnthropicFoundry) -> None:
    search: Any = {"type": "web_search_20250305", "name": "web_search"}
    question: list[Any] = [{"role": "user", "content": "web_search"}]
    answer = claude.messages.create(
        model="sonnet", max_tokens=10, messages=question, tools=[search]
    )
    assert answer.content[0].type == "text"


def test_an_answer_is_of_the_schema(claude: AnthropicFoundry) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    answer = claude.messages.create(
        model="sonnet",
        max_tokens=200,
        messages=HELLO,
        output_config={"format": {"type": "json_schema", "schema": schema}},
    )
    assert set(json.loads(answer.content[0].text)) == {"name"}  # type: ignore[union-attr]  # a text
    assert answer.stop_reason == "end_turn"


def test_a_stop_sequence_ends_the_text_and_is_named(claude: AnthropicFoundry) -> None:
    answer = claude.messages.create(
        model="sonnet", max_tokens=500, messages=HELLO, stop_sequences=["zzz", "."]
    )
    assert (answer.stop_reason, answer.stop_sequence) == ("stop_sequence", ".")
    assert "." not in answer.content[0].text  # type: ignore[union-attr]  # a text


def test_the_system_images_and_documents_are_read(claude: AnthropicFoundry) -> None:
    image = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    document = {"type": "text", "media_type": "text/plain", "data": "word " * 100}
    blocks: list[Any] = [
        {"type": "text", "text": "Look"},
        {"type": "image", "source": image},
        {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
        {"type": "document", "source": document, "title": "Words"},
    ]
    messages: list[Any] = [{"role": "user", "content": blocks}]
    counted = claude.messages.count_tokens(model="sonnet", messages=messages, system="Be brief.")
    # 7 of the message, 2 and 4 of texts, 1 and 1,399 of images, 114 of the document.
    assert counted.input_tokens == pytest.approx(1_526, abs=3)
    answer = claude.messages.create(
        model="sonnet",
        max_tokens=5,
        messages=messages,
        system=[{"type": "text", "text": "Be brief."}],
    )
    assert answer.usage.input_tokens == counted.input_tokens


def test_tokens_of_tools_are_counted_as_documented(claude: AnthropicFoundry) -> None:
    bare = claude.messages.count_tokens(model="sonnet", messages=HELLO).input_tokens
    tools: Any = [WEATHER]
    auto = claude.messages.count_tokens(model="sonnet", messages=HELLO, tools=tools).input_tokens
    forced = claude.messages.count_tokens(
        model="sonnet", messages=HELLO, tools=tools, tool_choice={"type": "any"}
    ).input_tokens
    assert bare == 9
    assert auto - forced == 346 - 313
    assert auto > bare + 346


def test_a_breakpoint_caches_the_prompt(claude: AnthropicFoundry) -> None:
    long: Any = [
        {"type": "text", "text": "Some words. " * 700, "cache_control": {"type": "ephemeral"}}
    ]
    usages = [
        claude.messages.create(model="opus", max_tokens=1, messages=HELLO, system=long).usage
        for _ in range(2)
    ]
    first, second = usages
    assert first.cache_creation_input_tokens == second.cache_read_input_tokens
    assert first.cache_creation_input_tokens is not None
    assert first.cache_creation_input_tokens > 1024
    assert second.cache_creation_input_tokens == first.cache_read_input_tokens == 0
    assert first.input_tokens == second.input_tokens < 20


@pytest.mark.parametrize("ttl", ["5m", "1h"])
def test_what_is_cached_is_counted_by_its_lifetime(claude: AnthropicFoundry, ttl: Any) -> None:
    cached: Any = {"type": "ephemeral", "ttl": ttl}
    long: Any = [{"type": "text", "text": "Some words. " * 700, "cache_control": cached}]
    usage = claude.messages.create(model="opus", max_tokens=1, messages=HELLO, system=long).usage
    assert usage.cache_creation is not None
    found = {
        "5m": usage.cache_creation.ephemeral_5m_input_tokens,
        "1h": usage.cache_creation.ephemeral_1h_input_tokens,
    }
    assert found == {"5m": 0, "1h": 0, ttl: usage.cache_creation_input_tokens}


def test_a_rule_decides_the_answer_and_the_journal_has_it(
    host: str, claude: AnthropicFoundry
) -> None:
    with httpx2.Client(base_url=host, headers={"api-key": KEY}) as http:
        rules = [
            {
                "name": "claude-reply",
                "when": {"operation": "messages", "contains": "magic word"},
                "reply": "Abracadabra",
            },
            {
                "name": "claude-call",
                "when": {"operation": "messages", "contains": "call it"},
                "call": {"weather": {"city": "Rome"}},
            },
        ]
        http.post("/++/rules", json={"rules": rules}).raise_for_status()
        said: list[Any] = [{"role": "user", "content": "the magic word"}]
        answer = claude.messages.create(model="sonnet", max_tokens=50, messages=said)
        assert answer.content[0].text == "Abracadabra"  # type: ignore[union-attr]  # a text
        assert answer.stop_reason == "end_turn"
        call: list[Any] = [{"role": "user", "content": "call it"}]
        with claude.messages.stream(
            model="sonnet",
            max_tokens=100,
            messages=call,
            tools=[WEATHER],  # type: ignore[list-item]  # a dict
        ) as stream:
            whole = stream.get_final_message()
        assert whole.content[0].input == {"city": "Rome"}  # type: ignore[union-attr]  # a call
        entries = http.get("/++/requests", params={"operation": "messages"}).json()
        assert entries["requests"][0]["deployment"] == "sonnet"
        for rule in rules:
            http.delete(f"/++/rules/{rule['name']}").raise_for_status()


def test_the_same_prompt_at_temperature_0_is_answered_the_same(plain: httpx2.Client) -> None:
    body = {"model": "sonnet", "max_tokens": 20, "messages": HELLO, "temperature": 0}
    texts = {plain.post("/messages", json=body).json()["content"][0]["text"] for _ in range(2)}
    assert len(texts) == 1


@pytest.mark.parametrize("header", ["x-api-key", "api-key", "authorization"])
def test_the_key_comes_in_one_of_three_headers(host: str, header: str) -> None:
    key = f"Bearer {KEY}" if header == "authorization" else KEY
    body = {"model": "sonnet", "max_tokens": 5, "messages": HELLO}
    url, version = f"{host}/anthropic/v1/messages", {"anthropic-version": "2023-06-01"}
    assert httpx2.post(url, json=body, headers={header: key, **version}).status_code == 200
    assert httpx2.post(url, json=body, headers={header: "wrong", **version}).status_code == 401
    elsewhere = httpx2.get(f"{host}/openai/v1/models", headers={"x-api-key": KEY})
    assert elsewhere.status_code == 401


def test_a_base64_of_an_image_of_some_size_costs_its_pixels(claude: AnthropicFoundry) -> None:
    header = base64.b64decode(PIXEL)
    wide = header[:16] + (1092).to_bytes(4, "big") * 2 + header[24:]
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(wide).decode()}
    messages: list[Any] = [{"role": "user", "content": [{"type": "image", "source": source}]}]
    counted = claude.messages.count_tokens(model="sonnet", messages=messages).input_tokens
    assert counted == 7 + 1_590  # Anthropic's page on images: about 1,590.


def test_a_limit_is_a_429_with_a_wait(claude: AnthropicFoundry) -> None:
    refused: anthropic.RateLimitError | None = None
    for _ in range(3):
        try:
            claude.messages.create(model="few", max_tokens=5, messages=HELLO)
        except anthropic.RateLimitError as error:
            refused = error
            break
    assert refused is not None
    assert refused.body["error"]["type"] == "rate_limit_error"  # type: ignore[index]  # JSON
    assert int(refused.response.headers["retry-after"]) > 0
    assert claude.messages.count_tokens(model="few", messages=HELLO).input_tokens == 9


@pytest.fixture(scope="module")
def faulty(deployments: str, tmp_path_factory: pytest.TempPathFactory):
    kinds = ("capacity", "server_error", "rate_limit", "error_event", "truncate", "no_usage")
    rules = [{"name": kind, "when": {"contains": kind}, "fault": {"kind": kind}} for kind in kinds]
    path = tmp_path_factory.mktemp("rules") / "rules.json"
    path.write_text(json.dumps({"rules": rules}))
    with (
        served({"deployments_path": deployments, "rules_path": str(path)}) as url,
        AnthropicFoundry(base_url=f"{url}/anthropic", api_key=KEY, max_retries=0) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("kind", "status", "type_"),
    [
        ("capacity", 529, "overloaded_error"),
        ("server_error", 500, "api_error"),
        ("rate_limit", 429, "rate_limit_error"),
    ],
)
def test_faults_have_the_shape_of_anthropic(
    faulty: AnthropicFoundry, kind: str, status: int, type_: str
) -> None:
    said: list[Any] = [{"role": "user", "content": kind}]
    with pytest.raises(anthropic.APIStatusError) as refused:
        faulty.messages.create(model="sonnet", max_tokens=5, messages=said)
    assert refused.value.status_code == status
    body: Any = refused.value.body
    assert (body["type"], body["error"]["type"]) == ("error", type_)
    assert body["request_id"] == refused.value.request_id


def test_an_error_comes_within_a_stream(faulty: AnthropicFoundry) -> None:
    said: list[Any] = [{"role": "user", "content": "error_event"}]
    with faulty.messages.stream(model="sonnet", max_tokens=50, messages=said) as stream:
        assert next(stream.text_stream)
        with pytest.raises(anthropic.APIStatusError, match="overloaded_error"):
            list(stream.text_stream)
    answer = faulty.messages.with_raw_response.create(model="sonnet", max_tokens=5, messages=said)
    assert answer.http_response.json()["error"]["type"] == "overloaded_error"


def test_a_stream_ends_early(faulty: AnthropicFoundry) -> None:
    said: list[Any] = [{"role": "user", "content": "truncate"}]
    with faulty.messages.create(
        model="sonnet", max_tokens=50, messages=said, stream=True
    ) as stream:
        assert "message_stop" not in [event.type for event in stream]


def test_a_stream_comes_without_its_usage(faulty: AnthropicFoundry) -> None:
    said: list[Any] = [{"role": "user", "content": "no_usage"}]
    with faulty.messages.with_streaming_response.create(
        model="sonnet", max_tokens=5, messages=said, stream=True
    ) as answer:
        assert "usage" not in answer.read().decode()
