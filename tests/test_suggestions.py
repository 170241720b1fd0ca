import itertools

import pytest

from simulator.suggestions import did_you_mean, nearest


@pytest.mark.parametrize(
    ("found", "known", "end"),
    [
        ("gtp-4o", ["gpt-4o", "o3"], "did you mean 'gpt-4o'?"),
        ("x", ["gpt-4o", "o3"], "expected one of gpt-4o, o3"),
        ("x", [], "there is none"),
        ("x", [f"name-{number}" for number in range(999)], "expected one of name-0, name-1"),
    ],
)
def test_a_line_ends_with_what_was_meant_or_what_is_allowed(
    found: str, known: list[str], end: str
) -> None:
    line = did_you_mean(found, known)
    assert line.startswith(end)
    assert len(line) < 400


def test_nothing_is_near_unless_it_is_alike_enough() -> None:
    assert nearest("abcd", ["abce"]) == "abce"
    assert nearest("abcd", ["abce"], 0.9) is None


def test_neither_a_long_name_nor_endless_ones_take_long() -> None:
    assert nearest("a" * 10**6, (f"{number}" for number in itertools.count())) is None
