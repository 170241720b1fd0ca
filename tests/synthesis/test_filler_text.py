import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.synthesis.filler_text import FillerText
from simulator.tokens.tokenizer import Tokenizer

ENCODINGS = ("cl100k_base", "o200k_base", "o200k_harmony")

counts = st.integers(0, 400)
seeds = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def prose() -> FillerText:
    return FillerText()


@pytest.fixture(scope="module")
def count() -> Callable[[str, str], int]:
    return Tokenizer().count


def json_text(prose: FillerText, tokens: int, seed: int = 1) -> str:
    return "".join(prose.json_pieces(tokens, random.Random(seed)))


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None)
@given(tokens=counts, seed=seeds)
def test_a_text_has_exactly_the_tokens_asked_for(
    prose: FillerText, count: Callable[[str, str], int], encoding: str, tokens: int, seed: int
) -> None:
    assert count(prose.text(tokens, random.Random(seed)), encoding) == tokens


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None)
@given(tokens=counts, seed=seeds)
def test_a_json_text_has_exactly_the_tokens_asked_for(
    prose: FillerText, count: Callable[[str, str], int], encoding: str, tokens: int, seed: int
) -> None:
    assert count(json_text(prose, tokens, seed), encoding) == tokens


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_text_longer_than_the_prepared_sentences_is_exact(
    prose: FillerText, count: Callable[[str, str], int], encoding: str
) -> None:
    assert count(prose.text(65_000, random.Random(3)), encoding) == 65_000


@given(tokens=counts, seed=seeds)
def test_the_pieces_are_the_text_one_token_each(prose: FillerText, tokens: int, seed: int) -> None:
    pieces = prose.pieces(tokens, random.Random(seed))
    assert len(pieces) == tokens
    assert "".join(pieces) == prose.text(tokens, random.Random(seed))


@given(tokens=st.integers(2, 400), seed=seeds)
def test_a_text_reads_as_sentences(prose: FillerText, tokens: int, seed: int) -> None:
    text = prose.text(tokens, random.Random(seed))
    assert text[0].isupper()
    assert text[-1] == "."
    assert text[-2].isalpha()


@given(tokens=counts, seed=seeds)
def test_nothing_in_a_text_needs_escaping(prose: FillerText, tokens: int, seed: int) -> None:
    text = prose.text(tokens, random.Random(seed))
    assert json.dumps(text) == f'"{text}"'


@given(tokens=st.integers(5, 400), seed=seeds)
def test_a_json_text_is_an_object_with_an_answer(prose: FillerText, tokens: int, seed: int) -> None:
    answer = json.loads(json_text(prose, tokens, seed))["answer"]
    assert answer[0].isupper()
    assert answer[-1].isalpha()


@pytest.mark.parametrize("tokens", range(5))
def test_a_json_text_that_is_too_short_is_a_beginning(prose: FillerText, tokens: int) -> None:
    whole = json_text(prose, 5)
    assert whole.startswith(json_text(prose, tokens))


def test_a_seed_gives_one_text_and_another_seed_another(prose: FillerText) -> None:
    texts = [prose.text(50, random.Random(seed)) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_two_instances_give_the_same_text(prose: FillerText) -> None:
    assert FillerText().text(50, random.Random(7)) == prose.text(50, random.Random(7))
