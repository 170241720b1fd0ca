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
