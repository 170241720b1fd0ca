import subprocess
import sys

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


def test_a_pattern_of_a_client_writes_nothing_on_the_console():
    program = "from simulator.json_schema.patterns.parsing import parsed; parsed('[[a]')"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)  # noqa: S603 - our own
    assert ran.stderr == b""
