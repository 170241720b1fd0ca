"""Models of other makers that show their reasoning, through the clients that people use for them."""

import re
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from tests.conftest import KEY, serving
from tests.support.route_clients import client_on

DEPLOYED = {
    "r1": {"model": "DeepSeek-R1"},
    "v3": {"model": "DeepSeek-V3.1"},
    "grok": {"model": "grok-3-mini"},
}
ASKED: dict[str, Any] = {"model": "r1", "messages": [{"role": "user", "content": "Hello"}]}
WEATHER: Any = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}},
}


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with serving(DEPLOYED) as url:
        yield url


@pytest.fixture
def thinkers(host: str) -> Iterator[openai.OpenAI]:
    with client_on("v1", host) as client:
        yield client


def test_the_reasoning_stands_beside_the_content(thinkers: openai.OpenAI) -> None:
    answer = thinkers.chat.completions.create(**ASKED)
    type(answer).model_validate(answer.to_dict(), strict=True)
    message: Any = answer.choices[0].message
    assert message.reasoning_content
    assert message.content
    assert message.reasoning_content not in message.content
    other: Any = thinkers.chat.completions.create(**{**ASKED, "model": "v3"})
    assert "reasoning_content" not in other.choices[0].message.to_dict()


def test_models_of_xai_alone_count_the_reasoning_apart(thinkers: openai.OpenAI) -> None:
    usage = thinkers.chat.completions.create(**{**ASKED, "model": "grok"}).usage
    assert usage is not None
    assert usage.completion_tokens_details is not None
    assert 0 < (usage.completion_tokens_details.reasoning_tokens or 0) < usage.completion_tokens
    other = thinkers.chat.completions.create(**ASKED).usage
    assert other is not None
    assert other.completion_tokens_details is None


@pytest.mark.parametrize("choices", [1, 2])
def test_a_stream_reasons_before_it_answers(thinkers: openai.OpenAI, choices: int) -> None:
    stream = thinkers.chat.completions.create(**ASKED, n=choices, stream=True)
    shown: list[tuple[int, str]] = []
    for chunk in stream:
        for choice in chunk.choices:
            delta = choice.delta.to_dict()
            shown += [
                (choice.index, name) for name in ("reasoning_content", "content") if delta.get(name)
            ]
    for index in range(choices):
        names = [name for at, name in shown if at == index]
        thoughts = names.count("reasoning_content")
        assert 0 < thoughts < len(names)
        assert set(names[thoughts:]) == {"content"}


@pytest.mark.parametrize("streamed", [False, True])
def test_it_reasons_before_it_calls_a_tool(thinkers: openai.OpenAI, streamed: bool) -> None:
    asked: dict[str, Any] = {**ASKED, "tools": [WEATHER], "tool_choice": "required"}
    if streamed:
        with thinkers.chat.completions.stream(**asked) as stream:
            message: Any = stream.get_final_completion().choices[0].message
    else:
        message = thinkers.chat.completions.create(**asked).choices[0].message
    assert message.reasoning_content
    assert message.tool_calls[0].function.name == "weather"
    turns = [
        *ASKED["messages"],
        message.to_dict(),
        {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "Rain"},
    ]
    again: Any = thinkers.chat.completions.create(**{**ASKED, "messages": turns})
    assert again.choices[0].message.content


def test_the_answer_may_end_while_it_reasons(thinkers: openai.OpenAI) -> None:
    answer = thinkers.chat.completions.create(**ASKED, max_tokens=20)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 20
    assert not answer.choices[0].message.content


@pytest.fixture
def inference(host: str) -> Iterator[ChatCompletionsClient]:
    with ChatCompletionsClient(f"{host}/models", AzureKeyCredential(KEY), model="r1") as client:
        yield client


def streamed(client: ChatCompletionsClient, **more: Any) -> str:
    stream: Any = client.complete(messages=ASKED["messages"], stream=True, **more)
    deltas = [chunk.choices[0].delta for chunk in stream if chunk.choices]
    assert not any(delta.get("reasoning_content") for delta in deltas)
    return "".join(delta.get("content") or "" for delta in deltas)


def test_azure_ai_inference_reads_the_reasoning_of_r1_in_the_text(
    inference: ChatCompletionsClient,
) -> None:
    answer: Any = inference.complete(messages=ASKED["messages"])
    assert "reasoning_content" not in answer.choices[0].message
    for text in (answer.choices[0].message.content, streamed(inference)):
        found = re.fullmatch(r"<think>\n(.+)\n</think>\n\n(.+)", text, re.DOTALL)
        assert found is not None
        assert "think>" not in found[1] + found[2]


def test_a_text_that_ends_while_it_reasons_has_no_closing_tag(
    inference: ChatCompletionsClient,
) -> None:
    answer: Any = inference.complete(messages=ASKED["messages"], max_tokens=20)
    for text in (answer.choices[0].message.content, streamed(inference, max_tokens=20)):
        assert text.startswith("<think>\n")
        assert "</think>" not in text


def test_azure_ai_inference_reads_calls_behind_the_reasoning(
    inference: ChatCompletionsClient,
) -> None:
    tools: Any = [WEATHER]
    answer: Any = inference.complete(
        messages=ASKED["messages"], tools=tools, tool_choice="required"
    )
    message = answer.choices[0].message
    assert message.content.endswith("\n</think>\n\n")
    assert message.tool_calls[0].function.name == "weather"


def test_azure_ai_inference_reads_that_of_xai_beside_it(host: str) -> None:
    with ChatCompletionsClient(f"{host}/models", AzureKeyCredential(KEY), model="grok") as client:
        answer: Any = client.complete(messages=ASKED["messages"])
    assert answer.choices[0].message["reasoning_content"]
    assert "<think>" not in answer.choices[0].message.content
