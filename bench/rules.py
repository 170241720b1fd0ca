"""The part `rules`: the time that matching takes of a request."""

import time
from collections.abc import Callable, Iterator
from typing import cast

from bench.rows import Row
from simulator.rules.document import read_rules
from simulator.rules.index import RuleIndex
from simulator.rules.subject import Subject

_ROUNDS = 5
_REPEATS = 200
_PROMPT = "Could you please tell me what the weather in the capital of France is like today? "


class _Prompt:
    """A subject of nothing but its last message."""

    deployment = "gpt-4o"
    operation = "chat_completions"
    models = ("gpt-4o",)

    def __init__(self, last_message: str) -> None:
        self.last_message = last_message


def rules() -> Iterator[Row]:
    """A thousand rules by `contains`, for prompts of several lengths; the usual one has a budget."""
    made = read_rules(
        [{"when": {"contains": f"question number {n}"}, "reply": "Yes."} for n in range(1_000)]
    )
    index = RuleIndex(made)
    for characters, budget in ((80, None), (400, 100.0), (4_000, None)):
        subject = cast("Subject", _Prompt((_PROMPT * 50)[:characters]))
        spent = _least(lambda subject=subject: index.matching(subject))
        yield Row(f"1,000 rules, a prompt of {characters} characters", spent, "us", budget)


def _least(work: Callable[[], object]) -> float:
    """Microseconds of the least disturbed round."""
    work()
    return min(map(_round, [work] * _ROUNDS))


def _round(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(_REPEATS):
        work()
    return (time.perf_counter() - began) / _REPEATS * 1e6
