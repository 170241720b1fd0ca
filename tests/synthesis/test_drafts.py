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

TOKENIZER = Tokenizer()
PROSE = FillerText()
ENCODING = "o200k_base"


def draft(mean: float = 50, deviation: float = 0, seed: int = 1, **order: Any) -> Draft:
    writer = DraftWriter(PROSE, TOKENIZER, schema_budget)
    return writer.draft(
        DraftRequest(
            ENCODING,
            **{"room": 10_000, "shape": AnswerShape(Spread(mean, deviation), full=True), **order},
        ),
        random.Random(seed),
    )


@given(st.integers(1, 400), st.integers(0, 2**32))
def test_a_draft_has_exactly_as_many_tokens_as_asked(asked: int, seed: int) -> None:
    made = draft(asked=asked, seed=seed)
    assert made.tokens == len(made.pieces) == asked == TOKENIZER.count(made.text, ENCODING)
    assert made.finish_reason == "length"


def test_a_natural_length_ends_by_itself() -> None:
    made = draft(mean=50)
    assert (made.tokens, made.finish_reason) == (50, "stop")


@given(st.floats(0, 200), st.floats(0, 200), st.integers(0, 2**32))
def test_a_natural_length_is_one_token_at_least(mean: float, deviation: float, seed: int) -> None:
    assert draft(mean=mean, deviation=deviation, seed=seed).tokens >= 1


@pytest.mark.parametrize("asked", [None, 100])
def test_a_draft_never_takes_more_than_the_room(asked: int | None) -> None:
    made = draft(mean=100, asked=asked, room=30)
    assert (made.tokens, made.finish_reason) == (30, "length")


def test_without_room_nothing_is_written() -> None:
    assert (draft(room=0).text, draft(room=0).finish_reason) == ("", "length")


@given(st.integers(1, 5000), st.sampled_from(["none", "minimal", "low", "medium", "high", "xhigh"]))
def test_thinking_is_a_part_of_what_is_asked(asked: int, effort: str) -> None:
    made = draft(asked=asked, effort=effort)
    assert made.reasoning + made.tokens == asked
    assert made.reasoning % 64 == 0 or made.tokens == 0


def test_thinking_comes_on_top_of_a_natural_length() -> None:
    made = draft(mean=50, effort="high")
    assert made.tokens == 50
    assert made.reasoning >= 16 * 64


def test_a_model_that_does_not_reason_does_not_think() -> None:
    assert draft(effort=None).reasoning == 0


def test_a_draft_stops_at_the_first_of_its_stop_sequences() -> None:
    whole = draft(asked=300).text
    stops = (whole[200:206], whole[90:96])
    made = draft(asked=300, stops=stops)
    assert made.text == whole[: min(whole.find(stop) for stop in stops)]
    assert made.tokens == TOKENIZER.count(made.text, ENCODING)
    assert made.finish_reason == "stop"


def test_a_stop_sequence_at_the_very_start_leaves_nothing() -> None:
    made = draft(asked=300, stops=(draft(asked=300).text[:3],))
    assert (made.text, made.tokens, list(made.pieces)) == ("", 0, [])


def test_a_stop_sequence_that_is_not_there_changes_nothing() -> None:
    assert draft(asked=300, stops=("\0",)) == draft(asked=300)


def test_the_same_order_makes_the_same_draft() -> None:
    assert draft(deviation=30, seed=5) == draft(deviation=30, seed=5)
