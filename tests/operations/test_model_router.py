"""A router's answers name the model that it has chosen, which a longer prompt makes a larger one."""

import openai
import pytest


@pytest.mark.parametrize(
    ("characters", "chosen"),
    [
        (1, "gpt-4.1-nano-2025-04-14"),
        (1_000, "gpt-5-nano-2025-08-07"),
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
