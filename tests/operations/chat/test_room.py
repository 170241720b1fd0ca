"""The words for a prompt that leaves its answer too little room."""

import pytest

from simulator.catalogue.models import find_model
from simulator.errors import InvalidRequest
from simulator.operations.chat.room import PromptSize, room_for_answer

WINDOW = 128_000


def refusal(model: str, prompt: PromptSize, asked: int | None = None) -> str:
    found = find_model(model)
    with pytest.raises(InvalidRequest) as refused:
        room_for_answer(
            prompt, asked, found, window=found.context_window, asked_as="max_completion_tokens"
        )
    assert (refused.value.param, refused.value.code) == ("messages", "context_length_exceeded")
    return refused.value.message


@pytest.mark.parametrize(
    ("model", "prompt", "asked", "message"),
    [
        (
            "gpt-4o",
            PromptSize(129_000),
            None,
            (
                "This model's maximum context length is 128000 tokens. However, your messages resulted "
                "in 129000 tokens. Please reduce the length of the messages."
            ),
        ),
        (
            "gpt-4o",
            PromptSize(128_242, 752),
            None,
            (
                "This model's maximum context length is 128000 tokens. However, your messages resulted "
                "in 128994 tokens (128242 in the messages, 752 in the functions). Please reduce the "
                "length of the messages or functions."
            ),
        ),
        (
            "gpt-4o",
            PromptSize(127_000),
            2_000,
            (
                "This model's maximum context length is 128000 tokens. However, you requested 129000 "
                "tokens (127000 in the messages, 2000 in the completion). Please reduce the length of "
                "the messages or completion."
            ),
        ),
        (
            "gpt-4o",
            PromptSize(126_000, 1_000),
            2_000,
            (
                "This model's maximum context length is 128000 tokens. However, you requested 129000 "
                "tokens (126000 in the messages, 1000 in the functions, and 2000 in the completion). "
                "Please reduce the length of the messages, functions, or completion."
            ),
        ),
        (
            "gpt-5",
            PromptSize(300_007),
            None,
            (
                "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
                "300007 tokens. Please reduce the length of the messages."
            ),
        ),
        (
            "gpt-5.4",
            PromptSize(3_560_137),
            None,
            (
                "Input tokens exceed the configured limit of 922000 tokens. Your messages resulted in "
                "3560137 tokens. Please reduce the length of the messages."
            ),
        ),
    ],
)
def test_the_refusal_says_what_there_is_too_much_of(
    model: str, prompt: PromptSize, asked: int | None, message: str
) -> None:
    assert refusal(model, prompt, asked) == message


def test_a_prompt_that_fits_leaves_the_rest() -> None:
    model = find_model("gpt-4o")
    prompt = PromptSize(120_000, 1_000)
    room = room_for_answer(prompt, None, model, window=WINDOW, asked_as="max_tokens")
    assert room == 7_000
