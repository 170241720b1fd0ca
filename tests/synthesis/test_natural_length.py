import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.assembly.budgets import schema_budget
from simulator.latency import Spread
from simulator.synthesis.answer_shape import AnswerShape
from simulator.synthesis.drafts import Draft, DraftRequest, DraftWriter
from simulator.synthesis.filler_text import FillerText
from simulator.tokens.tokenizer import Tokenizer

WRITER = DraftWriter(FillerText(), Tokenizer(), schema_budget)
ENCODING = "o200k_base"
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "note": {"type": "string"}},
    "required": ["name", "note"],
}


def draft(mean: float = 50, seed: int = 1, **order: Any) -> Draft:
    values: dict[str, Any] = {"room": 10_000, "shape": AnswerShape(Spread(mean)), **order}
    request = DraftRequest(ENCODING, **values)
    return WRITER.draft(request, random.Random(seed))


@pytest.mark.parametrize("asked", [None, 50, 51, 4096])
def test_an_answer_that_the_cap_has_room_for_stops_by_itself(asked: int | None) -> None:
    made = draft(asked=asked)
    assert (made.tokens, made.finish_reason) == (50, "stop")


@given(st.integers(1, 49), st.integers(0, 2**32))
def test_a_lower_cap_cuts_the_same_answer(asked: int, seed: int) -> None:
    made, whole = draft(asked=asked, seed=seed), draft(seed=seed)
    assert (made.tokens, made.finish_reason) == (asked, "length")
    assert whole.text.startswith(made.text)


def test_the_context_window_cuts_as_a_cap_does() -> None:
    made = draft(room=30, asked=40)
    assert (made.tokens, made.finish_reason) == (30, "length")


def test_a_cap_that_reasoning_uses_up_leaves_no_text() -> None:
    made = draft(asked=64, effort="high")
    assert (made.reasoning, made.tokens, made.finish_reason) == (64, 0, "length")


def test_a_schema_is_answered_in_few_words_whatever_the_cap() -> None:
    made = draft(asked=16_000, schema=PERSON, mean=400)
    assert made.finish_reason == "stop"
    assert made.tokens < 80
    assert set(json.loads(made.text)) == {"name", "note"}


def test_json_mode_is_whole_unless_the_cap_cuts_it() -> None:
    made = draft(asked=4096, json=True)
    assert (made.tokens, made.finish_reason) == (50, "stop")
    assert json.loads(made.text)
    cut = draft(asked=20, json=True)
    assert (cut.tokens, cut.finish_reason) == (20, "length")
    assert json.loads(draft(mean=1, json=True).text)
