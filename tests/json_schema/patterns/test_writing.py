import random
import re

import pytest

from simulator.assembly.budgets import schema_budget
from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.patterns.matching import Matcher
from simulator.json_schema.patterns.writing import text_matching


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z][a-z]*$",
        r"^[^a]$",
        r"^[^\d]$",
        r"^[^\D]$",
        r"^[^\s]$",
        r"^[^\S]$",
        r"^[^\w]$",
        r"^[^\W]$",
        r"^[^a-y0-9]$",
        r"^[\d\s\w]$",
        r"^\D\S\W\s$",
        r"^.{3}$",
        r"^(?:a|b)(c)\1$",
        r"^(?P<n>a+?)(?P=n)$",
        r"^[\u0400-\u04ff]+$",
        r"^[ -\u04ff]{4}$",
        r"^a*+b$",
        r"^(?>ab)c$",
        r"^[^\n]$",
        r"^(?i:abc)$",
        r"\bword\b",
    ],
)
@pytest.mark.parametrize("number", range(5))
def test_a_text_matches_its_pattern(pattern, number):
    text = text_matching(pattern, random.Random(number), schema_budget(), repeats=4)
    assert re.search(pattern, text)
    assert Matcher(schema_budget()).matches(pattern, text)


def test_what_is_not_a_character_is_another():
    assert text_matching("[^a]", random.Random(1), schema_budget(), repeats=1) != "a"
    assert text_matching("a" + "[^b]" * 3, random.Random(1), schema_budget(), repeats=1)[0] == "a"


def test_a_set_without_printable_characters_is_reported():
    with pytest.raises(UnsatisfiableSchema):
        text_matching(r"[^ -\U0010ffff]", random.Random(1), schema_budget(), repeats=1)


def test_nested_repeats_end():
    with pytest.raises(UnsatisfiableSchema):
        text_matching("((((a{9}){9}){9}){9}){9}", random.Random(1), schema_budget(), repeats=1)


def test_groups_that_double_end():
    pattern = "(a{99})" + "".join(rf"(\{number}\{number})" for number in range(1, 60))
    with pytest.raises(UnsatisfiableSchema):
        text_matching(pattern, random.Random(1), schema_budget(), repeats=1)


@pytest.mark.parametrize("pattern", ["(?:){4294967294}", "(?:(?:){4294967294}){4294967294}"])
def test_nothing_repeated_four_billion_times_is_nothing(pattern):
    assert text_matching(pattern, random.Random(1), schema_budget(), repeats=1) == ""
