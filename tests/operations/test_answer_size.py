"""What one request may ask for in all of its answers together."""

from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

MESSAGES: list[ChatCompletionMessageParam] = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize(
    "asked",
    [
        {"n": 128, "max_tokens": 16_384},
        {"n": 16, "max_tokens": 16_384, "logprobs": True, "top_logprobs": 20},
    ],
)
def test_a_chat_beyond_all_bounds_is_refused(
    client: openai.AzureOpenAI, asked: dict[str, Any]
) -> None:
    with pytest.raises(openai.BadRequestError, match="more than the 1000000") as refusal:
        client.chat.completions.create(model="gpt-4o", messages=MESSAGES, **asked)
    assert refusal.value.param == "n"


def test_the_longest_single_answer_has_its_log_probabilities(client: openai.AzureOpenAI) -> None:
    answer = client.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, max_tokens=16_384, logprobs=True, top_logprobs=20
    )
    tokens = answer.choices[0].logprobs.content or []
    assert len(tokens) == answer.usage.completion_tokens == 16_384
    assert len(tokens[-1].top_logprobs) == 20


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"prompt": ["x"] * 2_000, "n": 20, "max_tokens": 100}, "n"),
        ({"prompt": ["x" * 15_000] * 50, "n": 100, "max_tokens": 1, "echo": True}, "echo"),
    ],
)
def test_completions_beyond_all_bounds_are_refused(
    client: openai.AzureOpenAI, asked, param
) -> None:
    with pytest.raises(openai.BadRequestError, match="that the simulator makes") as refusal:
        client.completions.create(model="gpt-3.5-turbo-instruct", **asked)
    assert refusal.value.param == param
