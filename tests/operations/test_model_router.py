"""A router's answers name the model that it has chosen, which a longer prompt makes a larger one."""

from typing import Any

import httpx2
import openai
import pytest


@pytest.mark.parametrize(
    ("characters", "chosen"),
    [
        (1, "gpt-5-nano-2025-08-07"),
        (1_000, "gpt-5.4-nano-2026-03-17"),
        (20_000, "gpt-5-2025-08-07"),
    ],
)
def test_the_answer_names_the_chosen_model(v1: openai.OpenAI, characters: int, chosen: str) -> None:
    text = "x" * characters
    response = v1.responses.create(model="model-router", input=text)
    chat = v1.chat.completions.create(
        model="model-router", messages=[{"role": "user", "content": text}]
    )
    assert (response.model, chat.model) == (chosen, chosen)


SENT: dict[str, Any] = {
    "temperature": 0.7,
    "top_p": 0.95,
    "presence_penalty": 0.5,
    "frequency_penalty": 0.5,
    "logit_bias": {"5": 1},
    "logprobs": True,
    "top_logprobs": 2,
    "stop": ["zzz"],
    "max_tokens": 40,
    "reasoning_effort": "minimal",
}


@pytest.mark.parametrize("characters", [1, 1_000, 20_000])
@pytest.mark.parametrize("stream", [False, True])
def test_the_router_leaves_out_what_the_chosen_model_does_not_take(
    http: httpx2.Client, characters: int, stream: bool
) -> None:
    """Microsoft's page on the model router (2025-11 to 2026-09), whose examples send `max_tokens`."""
    text, path = "x" * characters, "/openai/v1/chat/completions"
    body = {"model": "model-router", "messages": [{"role": "user", "content": text}], **SENT}
    answer = http.post(path, json={**body, "stream": stream})
    assert answer.status_code == 200
    assert answer.headers["x-ms-served-model"].startswith("gpt-5")
    if not stream:
        assert answer.headers["x-ms-served-model"] == answer.json()["model"]
        assert answer.json()["usage"]["completion_tokens"] <= 40
    with_tools = {"tools": [{"type": "function", "function": {"name": "f"}}]}
    assert http.post(path, json={**body, **with_tools}).status_code == 200


def test_responses_of_a_router_take_a_temperature_too(http: httpx2.Client) -> None:
    body = {"model": "model-router", "input": "Hello", "temperature": 0.7, "top_p": 0.9}
    answer = http.post("/openai/v1/responses", json=body)
    assert answer.status_code == 200
    assert answer.headers["x-ms-served-model"] == answer.json()["model"]
