import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import tiktoken
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from simulator.tokens.tokenizer import (
    RANK_FILES,
    MessageText,
    PromptOverhead,
    RankFileError,
    Tokenizer,
    blocks,
)

ENCODINGS = ("cl100k_base", "o200k_base", "o200k_harmony")

# One user message each, with the prompt_tokens that Azure OpenAI reported (recorded 2023 to 2026).
RECORDED_CHATS = [
    ("gpt-35-turbo", "cl100k_base", 3, "Tell me a joke about opentelemetry", 15),
    ("gpt-4o", "o200k_base", 3, "What is the capital of France?", 14),
    ("gpt-4.1-mini", "o200k_base", 3, "Tell me a joke about opentelemetry", 16),
    (
        "gpt-4.1-mini",
        "o200k_base",
        3,
        "Can you explain what Descartes meant by 'I think, therefore I am'?",
        24,
    ),
    ("gpt-5.2", "o200k_base", 2, "Hey, what is up?", 12),
    ("gpt-5-nano", "o200k_base", 2, "Count r's in strawberry", 11),
    ("gpt-5.4", "o200k_base", 2, "What is the capital of France? Answer in one word.", 18),
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


def genuine(text: str, encoding: str) -> int:
    return len(tiktoken.get_encoding(encoding).encode(text, disallowed_special=()))


@pytest.fixture
def one_message(tokenizer: Tokenizer) -> Callable[..., int]:
    def count(message: MessageText, *, encoding: str = "o200k_base", priming: int = 3) -> int:
        return tokenizer.count_messages(
            [message], encoding, PromptOverhead(priming, per_message=3, per_name=1)
        )

    return count


@pytest.mark.parametrize(
    ("encoding", "expected"), [("cl100k_base", 8), ("o200k_base", 8), ("o200k_harmony", 8)]
)
def test_a_text_counts_as_many_tokens_as_the_model_sees(
    tokenizer: Tokenizer, encoding: str, expected: int
) -> None:
    assert tokenizer.count("Hello world, simulate Azure OpenAI!", encoding) == expected


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None)
@given(text=st.text())
def test_any_text_counts_as_tiktoken_counts_it(
    tokenizer: Tokenizer, encoding: str, text: str
) -> None:
    assert tokenizer.count(text, encoding) == genuine(text, encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_special_tokens_are_ordinary_text(tokenizer: Tokenizer, encoding: str) -> None:
    assert tokenizer.count("<|endoftext|>", encoding) > 1


def test_a_lone_surrogate_is_counted(tokenizer: Tokenizer) -> None:
    text = "abc \ud800 def"
    assert tokenizer.count(text, "o200k_base") == genuine(text, "o200k_base")


@pytest.mark.parametrize("encoding", ["cl100k_base", "o200k_base"])
@pytest.mark.parametrize(
    ("text", "tolerance"),
    [
        ("The quick brown fox jumps over the lazy dog.\n" * 4000, 0),
        ("7" * 150_000, 0),
        ("a" * 150_000, 0),
        ("\n" * 150_000 + "x", 0),
        ("漢字仮名" * 30_000, 3),
        ("deadbeef17" * 15_000, 3),
    ],
    ids=["words", "digits", "letters", "lines", "no word ends", "hexadecimal"],
)
def test_a_long_text_counts_as_the_sum_of_its_blocks(
    tokenizer: Tokenizer, encoding: str, text: str, tolerance: int
) -> None:
    assert abs(tokenizer.count(text, encoding) - genuine(text, encoding)) <= tolerance


@pytest.mark.parametrize("encoding", ["cl100k_base", "o200k_base"])
def test_a_million_spaces_are_counted(tokenizer: Tokenizer, encoding: str) -> None:
    # tiktoken by itself overflows its stack on them.
    assert tokenizer.count(" " * 1_000_000 + "x", encoding) == pytest.approx(
        1_000_000 / 128, rel=0.01
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    st.lists(
        st.sampled_from(
            ["word", "Aé", "12", " ", "  ", "\n", "\r\n", "/", "!", "'s", "\t", "漢", "\x1c"]
        ),
        max_size=60,
    ).map("".join)
)
@pytest.mark.parametrize("encoding", ["cl100k_base", "o200k_base"])
def test_cutting_after_words_and_lines_changes_no_count(encoding: str, text: str) -> None:
    parts = list(blocks(text, 12))
    clean = all(
        (after[0] == " " and not before[-1].isspace())
        or (before[-1] == "\n" and not after[0].isspace() and after[0] != "/")
        for before, after in itertools.pairwise(parts)
    )
    assume(clean)
    assert "".join(parts) == text
    assert sum(genuine(part, encoding) for part in parts) == genuine(text, encoding)


def test_no_block_is_longer_than_asked() -> None:
    assert {len(block) <= 10 for block in blocks("ab cd\n" * 50 + "x" * 50, 10)} == {True}


@pytest.mark.parametrize(
    ("encoding", "priming", "content", "tokens"),
    [recorded[1:] for recorded in RECORDED_CHATS],
    ids=[f"{recorded[0]} {recorded[4]}" for recorded in RECORDED_CHATS],
)
def test_a_chat_costs_what_azure_reported(
    one_message: Callable[..., int], encoding: str, priming: int, content: str, tokens: int
) -> None:
    message = MessageText("user", (content,))
    assert one_message(message, encoding=encoding, priming=priming) == tokens


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("role", ["system", "user", "assistant", "developer", "tool", "function"])
def test_a_role_is_one_token(tokenizer: Tokenizer, role: str, encoding: str) -> None:
    assert tokenizer.count(role, encoding) == 1


def test_an_unknown_role_is_counted_as_text(one_message: Callable[..., int]) -> None:
    assert one_message(MessageText("antidisestablishmentarian", ())) > 7


def test_a_name_costs_itself_and_one_more(one_message: Callable[..., int]) -> None:
    named, nameless = MessageText("user", ("Hi",), "Bob"), MessageText("user", ("Hi",))
    assert one_message(named) - one_message(nameless) == 2


def test_the_parts_of_a_message_add_up(one_message: Callable[..., int]) -> None:
    assert one_message(MessageText("user", ("One two", "three"))) == 3 + 3 + 1 + 2 + 1


def test_token_numbers_become_their_text(tokenizer: Tokenizer) -> None:
    assert tokenizer.decode([9906, 1917], "cl100k_base") == "Hello world"


@pytest.mark.parametrize("token", [-1, 2**40, 9_999_999])
def test_a_number_that_is_no_token_is_a_key_error(tokenizer: Tokenizer, token: int) -> None:
    with pytest.raises(KeyError):
        tokenizer.decode([token], "o200k_base")


def test_an_unknown_encoding_is_a_key_error(tokenizer: Tokenizer) -> None:
    with pytest.raises(KeyError):
        tokenizer.count("x", "p50k_base")


def test_warming_loads_the_encodings_so_that_no_count_waits() -> None:
    tokenizer = Tokenizer()
    tokenizer.warm().join()
    assert list(tokenizer._encodings) == ["o200k_base", "cl100k_base"]


def test_a_count_does_not_wait_for_an_encoding_it_does_not_need() -> None:
    tokenizer = Tokenizer()
    with tokenizer._loading["cl100k_base"]:
        assert tokenizer.count("one two", "o200k_base") == 2


def test_counts_from_many_threads_agree() -> None:
    tokenizer = Tokenizer(order=("cl100k_base",))
    tokenizer.warm()
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(tokenizer.count("one two", "cl100k_base")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2] * 8


def test_repeated_texts_are_remembered_within_bounds() -> None:
    tokenizer = Tokenizer()
    for number in range(3000):
        tokenizer.count(f"number {number}", "o200k_base")
    assert tokenizer._remembered["o200k_base"].cache_info().currsize == 512


def test_long_texts_are_not_remembered() -> None:
    tokenizer = Tokenizer()
    tokenizer.count("word " * 1000, "o200k_base")
    assert tokenizer._remembered["o200k_base"].cache_info().currsize == 0


def test_a_missing_rank_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RankFileError, match=r"cl100k_base\) cannot be read; .*setup_tiktoken"):
        Tokenizer(tmp_path).count("x", "cl100k_base")


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    for file in RANK_FILES.glob("[0-9a-f]*"):
        (tmp_path / file.name).write_bytes(file.read_bytes()[:-1])
    return tmp_path


def test_a_damaged_rank_file_is_one_clear_error(damaged: Path) -> None:
    with pytest.raises(RankFileError, match=r"not the genuine rank file of o200k_base; .*setup"):
        Tokenizer(damaged).count("x", "o200k_base")


def test_a_damaged_rank_file_is_left_as_it_is(damaged: Path) -> None:
    before = sorted(damaged.iterdir())
    with pytest.raises(RankFileError):
        Tokenizer(damaged).count("x", "o200k_base")
    assert sorted(damaged.iterdir()) == before


def test_warming_without_files_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Tokenizer(tmp_path).warm().join()
    assert "setup_tiktoken" in caplog.text


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=st.text(max_size=300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_text_is_split_into_as_many_pieces_as_it_has_tokens(
    tokenizer: Tokenizer, encoding: str, text: str
) -> None:
    pieces = tokenizer.split(text, encoding)
    assert "".join(pieces) == text
    assert len(pieces) == tokenizer.count(text, encoding)


def test_a_character_of_several_tokens_comes_with_the_last_of_them(tokenizer: Tokenizer) -> None:
    assert tokenizer.split("漢字", "cl100k_base") == ["", "漢", "字"]


def test_a_long_text_is_split_in_blocks(tokenizer: Tokenizer) -> None:
    text = "word " * 20_000
    pieces = tokenizer.split(text, "o200k_base")
    assert "".join(pieces) == text
    assert len(pieces) == tokenizer.count(text, "o200k_base")
