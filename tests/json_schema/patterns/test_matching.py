import contextlib
import itertools
import random
import re
import threading
import time

import pytest

from simulator.assembly.budgets import schema_budget
from simulator.budget import Budget, BudgetExceeded
from simulator.json_schema.patterns.matching import Matcher

PATTERNS = [
    *("", "a", "ab", "^ab$", "a|b", "^(a|b)*$", "^(?:ab|a)(?:bc|c)$", "^a{2,3}$", "^a{2,}?b", "a$"),
    *("^[ab]+c?$", "^[^ab]+$", "^.b", "(?s)^.b", "(?i)^AB$", "(?i)[A-B]C", "(?m)^b$", r"\Aab\Z"),
    *(r"\bab\b", r"a\Bb", r"^\w\d?$", r"^\D\W", r"\s", "^(a)(b)?(?(2)c|a)$", r"^(a|b)\1$", "(?!a)b"),
    *(r"^(?=.*c)(?=.*a)", "(?<=a)b", "(?<!a)b", "^(?:(?:a?){3}b)+$", "^(a*)*b", r"(?i)^(a)\1$"),
    *("^a*+b", "^(?>ab|a)c", "(?i:a)b", "^(?:a|ab)(?:c|bcd)?$", "^(|a)+$", "^(?:a??b)*$", "[^a]$"),
]  # fmt: skip
TEXTS = ["".join(text) for size in range(4) for text in itertools.product("abc\n1", repeat=size)]
TEXTS += ["A", "AB", "Ab", "aa", "aA", "abab", "aabb", "abcbc", " a", "a b", "aaab", "ab\n", "é1"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_texts_match_as_the_language_says(pattern):
    matcher = Matcher(schema_budget())
    ours = [matcher.matches(pattern, text) for text in TEXTS]
    assert ours == [re.search(pattern, text) is not None for text in TEXTS]


def test_generated_patterns_match_as_the_language_says():
    """By a generator with a fixed seed: 400 patterns of up to five parts, each with 60 texts."""
    rng = random.Random(12)
    for _ in range(400):
        pattern = "".join(_part(rng, 3) for _ in range(rng.randint(1, 5)))
        matcher = Matcher(schema_budget())
        for text in rng.sample(TEXTS, 60):
            assert matcher.matches(pattern, text) == (re.search(pattern, text) is not None), pattern


def _part(rng: random.Random, depth: int) -> str:
    atom = rng.choice(["a", "b", "c", ".", "[ab]", "[^a]", r"\d", r"\w", "^", "$", r"\b"])
    if depth and rng.random() < 0.4:
        inner = "".join(_part(rng, depth - 1) for _ in range(rng.randint(0, 3)))
        atom = rng.choice(["({})", "(?:{})", "(?={})", "(?!{})", "(?:a|{})", "(?i:{})"]).format(
            inner
        )
    if atom in ("^", "$", r"\b") or atom.startswith(("(?=", "(?!")):
        return atom
    return atom + rng.choice(["", "", "", "?", "*", "+", "{2}", "{1,2}", "*?"])


def test_what_is_no_pattern_matches_nothing():
    assert not Matcher(schema_budget()).matches("(", "(")


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^(a|aa)+$", "a" * 5_000 + "!", False),
        ("x" * 4_999, "x" * 20_000, True),
        ("(?:){4294967294}", "", True),
        ("(?:(?:){4294967294}){4294967294}", "x", True),
        ("^(?:a?){4294967294}b", "a" * 300, False),
        ("^(?:.*)*$", "a" * 20_000, True),
        ("^" + "(.*)" * 100 + "$", "a" * 1_000, True),
        ("(?i)" + "[a-\uffff]" * 500, "x" * 2_000, True),
    ],
)
def test_what_takes_other_engines_long_is_soon_known(pattern, text, found):
    began = time.thread_time()
    assert Matcher(schema_budget()).matches(pattern, text) == found
    assert time.thread_time() - began < 2


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(.*)(.*)(.*)\1\2\3y", "x" * 2_000),
        ("(?=.*y)" * 50, "x" * 5_000),
        ("(?:(?:a?){60000}b?){60000}c", "ab" * 5_000),
    ],
)
def test_work_ends_with_its_budget(pattern, text):
    budget = Budget(time.thread_time, 0.2)
    began = time.thread_time()
    with pytest.raises(BudgetExceeded):
        Matcher(budget).matches(pattern, text)
    assert time.thread_time() - began < 1


def test_no_pattern_holds_the_interpreter():
    """Mutations of hostile patterns, by a fixed seed; another thread never waits for 0.2 s."""
    rng = random.Random(5)
    bits = ["x" * 900, "(?:){4294967294}", "(?:a?){60000}", "(a|aa)+", r"\1", "[a-\uffff]", "(?i)"]
    bits += ["(?=", ")", "(", "|", "{3,}", ".*", "$", "^", "(?<=x)", "ab" * 400, "[^a]{18000}"]
    ended = threading.Event()
    gaps: list[float] = []

    def watch() -> None:
        last = time.perf_counter()
        while not ended.wait(0.005):
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in range(150):
            pattern = "".join(rng.choice(bits) for _ in range(rng.randint(1, 8)))
            with contextlib.suppress(BudgetExceeded):
                Matcher(Budget(time.thread_time, 0.05)).matches(pattern, "x" * 20_000)
    finally:
        ended.set()
        watcher.join()
    assert max(gaps) < 0.2
