"""The client of Azure AI Inference (azure-ai-inference) against `/models`."""

import json
from collections.abc import Iterator
from typing import Any, cast

import httpx2
import pytest
from azure.ai.inference import ChatCompletionsClient, EmbeddingsClient, load_client
from azure.ai.inference.aio import ChatCompletionsClient as AsyncChatCompletionsClient
from azure.ai.inference.models import (
    ChatCompletions,
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    EmbeddingInputType,
    FunctionDefinition,
    JsonSchemaFormat,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.conftest import KEY, serving

DEPLOYED = {
    "chat": {"model": "gpt-4o"},
    "o4": {"model": "o4-mini"},
    "DeepSeek-V3.1": {"model": "DeepSeek-V3.1"},
    "embed": {"model": "text-embedding-3-small"},
    "sonnet": {"model": "claude-sonnet-4-5"},
    "router": {"model": "model-router"},
    "few": {"model": "Llama-3.3-70B-Instruct", "requestsPerMinute": 1},
}
HELLO = [SystemMessage("Be brief."), UserMessage("Hello")]
WEATHER = ChatCompletionsToolDefinition(
    function=FunctionDefinition(
        name="weather",
        description="The weather in a city",
        parameters={
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    )
)
VERSION = {"api-version": "2024-05-01-preview"}
EXTRAS = (
    "Extra parameters ['n', 'user'] are not allowed when extra-parameters is not set or set to be "
    "'error'. Set extra-parameters to 'pass-through' to pass to the model."
)


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with serving(DEPLOYED) as url:
        yield url


@pytest.fixture
def chats(host: str) -> Iterator[ChatCompletionsClient]:
    with ChatCompletionsClient(f"{host}/models", AzureKeyCredential(KEY), retry_total=0) as client:
        yield client


@pytest.fixture
def plain(host: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(
        base_url=f"{host}/models", headers={"api-key": KEY}, params=VERSION
    ) as client:
        yield client


@pytest.mark.parametrize("model", ["chat", "DeepSeek-V3.1"])
def test_a_chat_is_answered(chats: ChatCompletionsClient, model: str) -> None:
    answer = chats.complete(messages=HELLO, model=model, max_tokens=20, temperature=0.5)
    assert answer.id
    assert answer.model == {"chat": "gpt-4o-2024-11-20"}.get(model, model)
    assert answer.choices[0].message.role == "assistant"
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "length"
    usage = answer.usage
    assert usage.completion_tokens == 20
    assert usage.total_tokens == usage.prompt_tokens + 20


@pytest.mark.parametrize("model", ["chat", "DeepSeek-V3.1"])
def test_a_stream_ends_with_its_usage_where_models_of_other_makers_show_it(
    chats: ChatCompletionsClient, model: str
) -> None:
    updates = list(chats.complete(messages=HELLO, model=model, max_tokens=20, stream=True))
    texts = [update.choices[0].delta.content or "" for update in updates if update.choices]
    assert len("".join(texts)) > 20
    assert (updates[-1].usage is None) == (model == "chat")
    if model != "chat":
        assert updates[-1].usage.completion_tokens == 20


def test_tools_are_called_and_answered(chats: ChatCompletionsClient) -> None:
    question = UserMessage("What is the weather in Oslo?")
    answer = chats.complete(messages=[question], model="chat", tools=[WEATHER])
    assert answer.choices[0].finish_reason == "tool_calls"
    [call] = list(answer.choices[0].message.tool_calls or ())
    assert isinstance(call, ChatCompletionsToolCall)
    assert set(json.loads(call.function.arguments)) == {"city"}
    assistant = {"role": "assistant", "content": None, "tool_calls": [call.as_dict()]}
    messages = [question, assistant, ToolMessage(content="Rain", tool_call_id=call.id)]
    body: dict[str, Any] = {"messages": messages, "model": "chat", "tools": [WEATHER]}
    told = cast("ChatCompletions", chats.complete(body=body))
    assert told.choices[0].message.content


def test_tools_are_called_in_a_stream(chats: ChatCompletionsClient) -> None:
    arguments, name = "", ""
    for update in chats.complete(
        messages=[UserMessage("What is the weather in Oslo?")],
        model="chat",
        tools=[WEATHER],
        stream=True,
    ):
        for call in update.choices[0].delta.tool_calls or () if update.choices else ():
            name += call.function.name or ""
            arguments += call.function.arguments
    assert (name, set(json.loads(arguments))) == ("weather", {"city"})


def test_an_answer_is_of_the_schema(chats: ChatCompletionsClient) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
    }
    form = JsonSchemaFormat(name="person", schema=schema, strict=True)
    answer = chats.complete(messages=HELLO, model="chat", response_format=form)
    assert set(json.loads(answer.choices[0].message.content)) == {"name"}


def test_extras_of_the_client_are_passed_on(chats: ChatCompletionsClient) -> None:
    extras = {"max_completion_tokens": 300, "reasoning_effort": "low"}
    answer = chats.complete(messages=HELLO, model="o4", model_extras=extras)
    assert answer.usage.completion_tokens == 300
    with pytest.raises(HttpResponseError, match="Unrecognized request argument supplied: safe"):
        chats.complete(messages=HELLO, model="chat", model_extras={"safe": True})
    assert chats.complete(messages=HELLO, model="DeepSeek-V3.1", model_extras={"safe": True}).id


def test_the_model_is_known(host: str, chats: ChatCompletionsClient) -> None:
    named = {"x-ms-model-mesh-model-name": "DeepSeek-V3.1"}
    info = chats.get_model_info(headers=named)
    assert (info.model_name, info.model_provider_name) == ("DeepSeek-V3.1", "DeepSeek")
    assert info.model_type == "chat_completion"
    found = load_client(
        f"{host}/models", AzureKeyCredential(KEY), headers={"x-ms-model-mesh-model-name": "embed"}
    )
    with found:
        assert isinstance(found, EmbeddingsClient)


def test_vectors_are_answered(host: str) -> None:
    with EmbeddingsClient(f"{host}/models", AzureKeyCredential(KEY)) as client:
        answer = client.embed(input=["one", "two"], model="embed", dimensions=8)
    assert answer.id
    assert answer.model == "text-embedding-3-small"
    assert [len(item.embedding) for item in answer.data] == [8, 8]
    assert answer.usage.prompt_tokens == 2


async def test_the_asynchronous_client_is_answered(host: str) -> None:
    async with AsyncChatCompletionsClient(f"{host}/models", AzureKeyCredential(KEY)) as client:
        stream = await client.complete(messages=HELLO, model="chat", stream=True)
        assert [update async for update in stream]


def test_the_client_reaches_a_deployment_of_azure_openai(host: str) -> None:
    endpoint = f"{host}/openai/deployments/chat"
    with ChatCompletionsClient(
        endpoint, AzureKeyCredential(KEY), api_version="2024-10-21"
    ) as client:
        assert client.complete(messages=HELLO).choices[0].message.content


def test_a_router_names_the_model_that_it_chose(chats: ChatCompletionsClient) -> None:
    assert chats.complete(messages=HELLO, model="router").model.startswith("gpt-5-nano")


def test_claude_and_unknown_models_are_refused(chats: ChatCompletionsClient) -> None:
    with pytest.raises(ResourceNotFoundError, match="Requested API is currently not supported"):
        chats.complete(messages=HELLO, model="sonnet")
    with pytest.raises(HttpResponseError, match="Unknown model: grok-3") as refused:
        chats.complete(messages=HELLO, model="grok-3")
    assert refused.value.status_code == 400
    with pytest.raises(HttpResponseError, match="The requested operation is unsupported"):
        chats.complete(messages=HELLO, model="embed")


def test_a_limit_is_reported_with_its_wait(host: str, chats: ChatCompletionsClient) -> None:
    for _ in range(3):
        try:
            chats.complete(messages=HELLO, model="few")
        except HttpResponseError as error:
            refused = error
            break
    assert refused.status_code == 429
    assert int(cast("Any", refused.response).headers["retry-after"]) > 0
    info = chats.get_model_info(headers={"x-ms-model-mesh-model-name": "few"})
    assert info.model_name == "Llama-3.3-70B-Instruct"


def test_the_type_of_an_input_is_one_of_three(host: str) -> None:
    with EmbeddingsClient(f"{host}/models", AzureKeyCredential(KEY)) as client:
        for value in EmbeddingInputType:
            assert client.embed(input=["one"], model="embed", input_type=value).data
        with pytest.raises(HttpResponseError) as refused:
            client.embed(input=["one"], model="embed", input_type="search_query")
    assert refused.value.status_code == 400
    listed = "Supported values are: 'text', 'query', and 'document'."
    assert f"Invalid value: 'search_query'. {listed}" in refused.value.message


@pytest.mark.parametrize("value", [None, "error"])
def test_extra_parameters_are_an_error(plain: httpx2.Client, value: str | None) -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}], "model": "chat", "n": 2, "user": "me"}
    headers = {} if value is None else {"extra-parameters": value}
    answer = plain.post("/chat/completions", json=body, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"detail": EXTRAS})


def test_extra_parameters_are_dropped_or_passed(plain: httpx2.Client) -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}], "model": "chat", "n": 2}
    for value, choices in (("drop", 1), ("pass-through", 2)):
        answer = plain.post("/chat/completions", json=body, headers={"extra-parameters": value})
        assert len(answer.json()["choices"]) == choices


def test_another_option_is_refused(plain: httpx2.Client) -> None:
    answer = plain.post("/embeddings", json={"model": "embed"}, headers={"extra-parameters": "no"})
    message = (
        "Unexpected EXTRA_PARAMETERS option no, expected options are ['error', 'drop', "
        "'pass-through']"
    )
    assert (answer.status_code, answer.json()) == (400, {"detail": message})


def test_a_header_names_the_model_before_the_body(plain: httpx2.Client) -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}], "model": "nowhere"}
    headers = {"x-ms-model-mesh-model-name": "chat"}
    assert plain.post("/chat/completions", json=body, headers=headers).status_code == 200
    del body["model"]
    refused = plain.post("/chat/completions", json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "no_model_name"
    assert plain.get("/info").json()["error"]["code"] == "no_model_name"


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("", "Missing required query parameter: api-version"),
        ("2019-01-01", "API version not supported"),
    ],
)
def test_an_api_version_is_required(host: str, version: str, message: str) -> None:
    answer = httpx2.post(
        f"{host}/models/chat/completions",
        params={"api-version": version} if version else {},
        json={"model": "chat"},
        headers={"api-key": KEY},
    )
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)
    assert "api-version" in answer.headers["x-simulator-hint"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"model": 7}', b"\xff"])
@pytest.mark.parametrize("path", ["/chat/completions", "/embeddings"])
def test_a_bad_body_is_a_400(plain: httpx2.Client, path: str, body: bytes) -> None:
    assert plain.post(path, content=body).status_code == 400


def test_a_key_of_another_is_refused(host: str) -> None:
    with (
        ChatCompletionsClient(f"{host}/models", AzureKeyCredential("wrong")) as client,
        pytest.raises(HttpResponseError) as refused,
    ):
        client.complete(messages=HELLO, model="chat")
    assert refused.value.status_code == 401
