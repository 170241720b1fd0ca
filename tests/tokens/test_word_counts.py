import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.tokens.tokenizer import Tokenizer
from simulator.tokens.word_counts import LONGEST_WORD, WordCounts

PIECES = [
    *(
        "the",
        "Don't",
        "café",
        "HTTPServer",
        "the cat of a man on the mat",
        "12",
        "3456",
        "漢字",
        "can't.",
        "a/b",
        "//x",
        "'s",
    ),
    *(
        " ",
        " ",
        " ",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        "/",
        "!",
        '."',
        "\x1c",
        "\u3000",
        "\xa0",
    ),
]


def whole(encoding: str, text: str) -> int:
    return len(tiktoken.get_encoding(encoding).encode_ordinary(text))


@pytest.fixture(scope="module", params=["cl100k_base", "o200k_base"])
def encoding(request: pytest.FixtureRequest) -> str:
    encoding = str(request.param)
    Tokenizer().count("a", encoding)  # From here on, tiktoken finds its files.
    return encoding


@pytest.fixture(scope="module")
def counts(encoding: str) -> WordCounts:
    return WordCounts(lambda text: whole(encoding, text))


@settings(deadline=None, max_examples=300)
@given(text=st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text())
def test_the_words_of_a_text_count_as_the_whole(
    counts: WordCounts, encoding: str, text: str
) -> None:
    # The second count is made of what the first one has learned.
    assert [counts.of(text), counts.of(text)] == [whole(encoding, text)] * 2


class OneEach:
    """Counts a token for each text, and notes the texts."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, text: str) -> int:
        self.seen.append(text)
        return 1


def test_each_word_is_tokenized_once() -> None:
    tokenizer = OneEach()
    counts = WordCounts(tokenizer)
    counts.of("one two three four five")
    counts.of("one four two three five")
    tokenizer.seen.clear()
    assert counts.of("one three three four two four five") == 7
    assert tokenizer.seen == []


def test_words_are_remembered_within_bounds() -> None:
    tokenizer = OneEach()
    counts = WordCounts(tokenizer, most=4)
    long = "x" * (LONGEST_WORD + 1)
    counts.of("the one two three four end")
    counts.of("the five six seven eight end")
    tokenizer.seen.clear()
    counts.of(f"the five {long} end")
    counts.of("the one two end")
    assert tokenizer.seen == [f"the five {long} end", " one", " two", "the one two end"]
