import pytest

from simulator.json_schema.patterns.parsing import LONGEST_PATTERN, is_pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        r"\p{L}",
        "a{99999999999999}",
        "(?<n>a)",
        "(?<=a+)b",
        "(?<!a|bc)d",
        "(" * 2000 + ")" * 2000,
    ],
)
def test_a_pattern_of_another_language_is_none(pattern):
    assert not is_pattern(pattern)


@pytest.mark.parametrize("pattern", ["", "^a$", "(?<=ab)c", r"(a)\1", "(a)?(?(1)b|c)", "(?i)[à-ÿ]"])
def test_a_pattern_is_one(pattern):
    assert is_pattern(pattern)


def test_a_pattern_has_a_longest():
    assert is_pattern("x" * LONGEST_PATTERN)
    assert not is_pattern("x" * (LONGEST_PATTERN + 1))
