"""The room that an input leaves for the answer."""

from collections.abc import Sequence

import pytest

from simulator.catalogue.models import find_model
from simulator.operations.responses.items import Item
from simulator.operations.responses.parameters import ResponseParameters
from simulator.operations.responses.prompt import read_prompt
from simulator.tokens.tokenizer import MessageText, PromptOverhead, Tokenizer


class LongTexts(Tokenizer):
    """A tokenizer for which each text is of that many tokens."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self._tokens = tokens

    def count_messages(
        self, messages: Sequence[MessageText], encoding: str, overhead: PromptOverhead
    ) -> int:
        del messages, encoding, overhead
        return self._tokens


@pytest.mark.parametrize(
    ("model", "tokens", "room"),
    [
        ("gpt-5.5", 921_549, 451),
        ("gpt-5.5", 922_000, 1),
        ("gpt-5.5", 10, 128_000),
        ("gpt-5.4", 921_549, 128_000),
    ],
)
def test_input_and_answer_share_what_the_model_has(model: str, tokens: int, room: int) -> None:
    prompt = read_prompt(
        [Item(role="user", content="Hello")],
        ResponseParameters(model=model),
        (),
        model=find_model(model),
        tokenizer=LongTexts(tokens),
    )
    assert prompt.room == room
