"""Of many texts those are found that stand in another one, and rules act by them."""

import random
from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.rules.document import read_rules
from simulator.rules.index import RuleIndex
from simulator.rules.needles import Needles
from simulator.rules.subject import Subject

# Texts that share their ends, are parts of each other, and are longer than what is searched for.
NEEDLE = st.text("ab \U0001f600é", min_size=1, max_size=4) | st.builds(
    lambda head, tail: head + tail, st.text("ab", max_size=3), st.just(" and the end of it.")
)
NEEDLES = st.lists(NEEDLE, min_size=1, max_size=40)


class _Prompt:
    deployment = operation = ""
    models = ()

    def __init__(self, text: str) -> None:
        self.last_message = text

    def contains(self, needles: Sequence[str], texts: tuple[str, ...]) -> bool:
        return any(needle in text for text in texts for needle in needles)


def needles_of(texts: list[str]) -> Needles:
    needles = Needles()
    for position, text in enumerate(texts):
        needles.add(text, position)
    return needles


@given(texts=NEEDLES, around=st.text("ab \U0001f600é"), inside=st.integers(0, 39))
def test_rules_match_whose_text_stands_there_and_no_others(
    texts: list[str], around: str, inside: int
) -> None:
    hay = around + texts[inside % len(texts)] + around
    index = RuleIndex(
        read_rules([{"when": {"contains": text}, "latency": {"factor": 2}} for text in texts])
    )
    found = [rule.fields.when.contains for rule in index.matching(cast("Subject", _Prompt(hay)))]
    assert found == [text for text in texts if text in hay]


@pytest.mark.parametrize("count", [3, 2_000, 70_000])
def test_of_very_many_texts_none_is_missed(count: int) -> None:
    rng = random.Random(3)
    texts = ["".join(rng.choices("abcd", k=rng.randint(1, 20))) for _ in range(count)]
    needles = needles_of(texts)
    for size in (0, 3, 500):
        hay = "".join(rng.choices("abcd", k=size))
        there = {at for at, text in enumerate(texts) if text in hay}
        assert there <= set(needles.candidates_in(hay))


def test_texts_of_usual_length_are_found_exactly() -> None:
    texts = [f"question {number}?" for number in range(2_000)]
    found = list(needles_of(texts).candidates_in("Now question 17? Then question 1717?"))
    assert sorted(found) == [17, 1717]


def test_texts_of_one_end_are_found_once_in_a_text_that_is_full_of_it() -> None:
    """Each text at each place, they would be a hundred million."""
    texts = ["x" * length for length in range(20, 5_020)]
    assert len(list(needles_of(texts).candidates_in("x" * 20_000))) == len(texts)
