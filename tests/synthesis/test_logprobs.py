import random
from itertools import pairwise

import pytest

from simulator.synthesis.logprobs import ranked, token_logprobs


def test_what_was_not_asked_for_is_not_made() -> None:
    assert token_logprobs(["a"], None, random.Random(1)) is None


@pytest.mark.parametrize("piece", ["word", " the", "é"])
@pytest.mark.parametrize("top", [1, 5, 20])
def test_the_token_itself_is_the_likeliest(piece: str, top: int) -> None:
    tokens = list(ranked(piece, top, random.Random(1)))
    assert len(tokens) == len(dict(tokens)) == top
    assert tokens[0][0] == piece
    assert all(likelier >= other for (_, likelier), (_, other) in pairwise(tokens))


def test_an_entry_has_the_bytes_of_its_token() -> None:
    (entry,) = token_logprobs(["é"], 0, random.Random(1)) or []
    assert (entry["token"], entry["bytes"], entry["top_logprobs"]) == ("é", [0xC3, 0xA9], [])
