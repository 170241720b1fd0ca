import random

from hypothesis import given
from hypothesis import strategies as st

from simulator.wire.obfuscation import Padding


@given(st.integers(0, 100_000), st.integers(0, 2**32), st.integers(0, 200))
def test_a_padded_chunk_is_one_more_than_a_multiple_of_sixteen(
    length: int, seed: int, before: int
) -> None:
    padding = Padding(random.Random(seed))
    for _ in range(before):
        padding.of(0)
    made = padding.of(length)
    assert (length + len(made)) % 16 == 1
    assert 4 <= len(made) <= 19
    assert made.isascii()
    assert made.isalnum()


def test_two_paddings_in_a_row_differ() -> None:
    padding = Padding(random.Random(0))
    assert padding.of(300) != padding.of(300)


@given(st.integers(0, 1_000), st.lists(st.text(max_size=90), max_size=120))
def test_the_paddings_of_many_chunks_follow_the_same_rule(length: int, pieces: list[str]) -> None:
    made = Padding(random.Random(0)).of_all(length, pieces)
    assert len(made) == len(pieces)
    for piece, padding in zip(pieces, made, strict=True):
        assert (length + len(piece) + len(padding)) % 16 == 1
        assert 4 <= len(padding) <= 19


@given(st.integers(0, 1_000), st.integers(0, 2**32))
def test_the_paddings_for_each_size_follow_the_same_rule_and_differ(length: int, seed: int) -> None:
    made = Padding(random.Random(seed)).by_size(length)
    assert len(made) == 16
    for size, padding in enumerate(made):
        assert (length + size + len(padding)) % 16 == 1
        assert 4 <= len(padding) <= 19
    assert len({padding[:4] for padding in made}) == 16


def test_the_paddings_of_a_stream_and_of_two_streams_differ() -> None:
    rng = random.Random(0)
    one, other = [Padding(rng).of_all(300, ["word"] * 90) for _ in range(2)]
    assert len(set(one)) == len(one)
    assert one != other
