"""Words are found whole and without case, also when the text comes in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue.content_filter import ContentFilterPolicy
from simulator.catalogue.phrases import LONGEST_HELD, Phrases, ends_in_word

WORDS = Phrases({"names": ["Fabrikam Inc", "Contoso", "C++"], "others": ["bad", "炸弹", "Straße"]})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He bought CONTOSO.", (10, 17, "names")),
        ("contosos and acontoso", None),
        ("fabrikam  inc, of course", (0, 13, "names")),
        ("fabrikam incorporated", None),
        ("fabrikam fabrikam inc", (9, 21, "names")),
        ("I write c++ and C", (8, 11, "names")),
        ("badly, a bad thing", (9, 12, "others")),
        ("他买了炸弹吗", (3, 5, "others")),
        ("STRASSE", (0, 7, "others")),
        ("", None),
    ],
)
def test_a_phrase_is_found_whole(text: str, found: tuple[int, int, str] | None) -> None:
    assert WORDS.search(text)[0] == found


def in_pieces(text: str, cuts: list[int]) -> tuple[str | None, str]:
    """The name found, and what had left by then, of a text that is cut at these places."""
    tail, left, glued = "", "", False
    places = sorted({min(cut, len(text)) for cut in cuts} | {len(text)})
    for start, end in zip([0, *places], places, strict=False):
        tail += text[start:end]
        found, safe = WORDS.search(tail, glued=glued, final=end == len(text))
        left, tail = left + tail[:safe], tail[safe:]
        if found is not None:
            return found.name, left
        glued = ends_in_word(left) if left else glued
    return None, left


ALPHABET = st.sampled_from(
    ["bad", "Contoso", "fabrikam", " inc", " ", "s", ".", "炸", "弹", "C", "+"]
)


@given(st.lists(ALPHABET, max_size=12).map("".join), st.lists(st.integers(0, 40), max_size=9))
def test_pieces_make_no_difference(text: str, cuts: list[int]) -> None:
    found, _ = WORDS.search(text)
    name, left = in_pieces(text, cuts)
    assert name == (found.name if found else None)
    assert left == (text[: found.at] if found else text)


def test_what_may_become_a_phrase_waits() -> None:
    assert WORDS.search("the fabrikam ", final=False) == (None, 4)
    assert WORDS.search("the fab", final=False) == (None, 4)
    assert WORDS.search("the far", final=False) == (None, 7)


def test_no_text_waits_for_ever() -> None:
    text = "fabrikam" + " " * LONGEST_HELD
    assert WORDS.search(text, final=False) == (None, len(text))


def test_policies_are_the_same_if_their_documents_are() -> None:
    assert ContentFilterPolicy("{}") == ContentFilterPolicy("{}", mode="async")
    assert ContentFilterPolicy("{}") != ContentFilterPolicy('{"mode":"async"}')
