import pytest
import tiktoken

from simulator.tokens.rank_files import FILES, RANK_FILES, genuine_encoding


@pytest.mark.parametrize("name", FILES)
def test_an_encoding_is_defined_as_by_tiktoken(name: str) -> None:
    made, theirs = genuine_encoding(RANK_FILES, name), tiktoken.get_encoding(name)
    assert made is not theirs
    assert made._mergeable_ranks == theirs._mergeable_ranks
    assert made._special_tokens == theirs._special_tokens
    assert made._pat_str == theirs._pat_str
