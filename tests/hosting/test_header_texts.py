"""The headers of requests as texts."""

import pytest

from simulator.hosting import header_texts
from simulator.hosting.header_texts import headers_of


def test_they_are_read_as_latin_1() -> None:
    assert headers_of([(b"host", b"sim"), (b"x-name", b"caf\xe9")]) == {
        "host": "sim",
        "x-name": "café",
    }


def test_of_a_repeated_header_the_last_one_counts() -> None:
    assert headers_of([(b"x-a", b"1"), (b"x-a", b"2")]) == {"x-a": "2"}


def test_however_many_there_are_few_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = header_texts._Texts()
    monkeypatch.setattr(header_texts, "_texts", texts)
    for number in range(3000):
        headers_of([(b"x-id", b"%d" % number)])
    assert 0 < len(texts) <= 1024


def test_long_ones_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = header_texts._Texts()
    monkeypatch.setattr(header_texts, "_texts", texts)
    assert headers_of([(b"authorization", b"x" * 2000)]) == {"authorization": "x" * 2000}
    assert not texts
