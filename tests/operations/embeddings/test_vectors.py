import base64
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.operations.embeddings.vectors import Vectors, encode_base64, to_floats

CORPUS = (
    ("How do I reset my password?", "I forgot the password and need it reset"),
    ("The weather in Paris is sunny today", "sunny weather forecast for Paris"),
    ("Our restaurant serves fresh pasta and pizza", "pasta restaurants"),
    ("Python is a programming language", "learn programming in python"),
    ("The stock market fell sharply yesterday", "markets and stocks"),
    ("Cats and dogs are popular pets", "my dog and my cat"),
    ("The train to London leaves at noon", "TRAINS TO LONDON"),
    ("Solar panels turn light into electricity", "electric solar panel"),
    ("The football team won the championship", "football championships"),
    ("Doctors recommend regular exercise", "exercising, says the doctor"),
    ("The museum shows ancient paintings", "painting museums"),
    ("Books about history are on the second floor", "a history book"),
)


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    return Vectors()


@pytest.mark.parametrize(("document", "query"), CORPUS)
def test_a_query_finds_the_sentence_about_it(vectors: Vectors, document: str, query: str) -> None:
    rows = np.array([vectors.embed(candidate, 1536) for candidate, _ in CORPUS])
    nearest = int((rows @ vectors.embed(query, 1536)).argmax())
    assert CORPUS[nearest][0] == document


def test_texts_without_a_word_in_common_are_far_apart(vectors: Vectors) -> None:
    first, second = (vectors.embed(text, 1536) for text in ("blue oceans", "financial report"))
    assert abs(float(first @ second)) < 0.15


@settings(deadline=None)
@given(text=st.text(), size=st.integers(1, 600))
def test_every_text_has_a_vector_of_length_one(vectors: Vectors, text: str, size: int) -> None:
    vector = vectors.embed(text, size)
    assert vector.shape == (size,)
    assert vector.dtype == np.float32
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-6)


def test_a_vector_whose_signs_cancel_out_has_length_one() -> None:
    vectors = Vectors()
    lengths = {to_floats(vectors.embed(f"word{number}", 1))[0] ** 2 for number in range(200)}
    assert lengths == {1.0}


def test_a_lone_surrogate_has_a_vector(vectors: Vectors) -> None:
    assert vectors.embed("\ud800", 8).shape == (8,)


def test_a_vector_is_the_same_in_every_process_and_on_every_machine() -> None:
    assert to_floats(Vectors().embed("Hello, world", 4)) == pytest.approx(
        [0.0, 0.81649661, -0.40824831, 0.40824831], abs=1e-7
    )


def test_a_shorter_vector_is_the_beginning_of_the_longer(vectors: Vectors) -> None:
    beginning = vectors.embed("the quick brown fox", 1536)[:100]
    shorter = vectors.embed("the quick brown fox", 100)
    assert np.allclose(beginning / np.linalg.norm(beginning), shorter, atol=1e-6)


def test_a_text_of_many_different_words_has_a_vector(vectors: Vectors) -> None:
    text = " ".join(f"term{number}" for number in range(1500))
    assert float(np.linalg.norm(vectors.embed(text, 64))) == pytest.approx(1, abs=1e-6)


def test_words_are_remembered_within_bounds() -> None:
    vectors = Vectors()
    vectors.embed(" ".join(f"term{number}" for number in range(2500)), 8)
    assert vectors._signs.cache_info().currsize == 2048


def test_base64_holds_little_endian_floats(vectors: Vectors) -> None:
    vector = vectors.embed("Hello", 16)
    assert list(struct.unpack("<16f", base64.b64decode(encode_base64(vector)))) == to_floats(vector)
