"""The part `rules`: the time that they take of a request."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, ClassVar, cast

from bench.rows import Row
from simulator.assembly.foundation import lay_foundation
from simulator.assembly.rules import choose_rules
from simulator.configuration.settings import Settings
from simulator.decisions import Decisions
from simulator.operations.base import Call
from simulator.rules.document import read_rules
from simulator.rules.index import RuleIndex
from simulator.rules.subject import Subject
from simulator.screening import Screener

_ROUNDS = 5
_REPEATS = 200
_CALLS = 20_000
_PROMPT = "Could you please tell me what the weather in the capital of France is like today? "
_BUDGET = 100.0


class _Prompt:
    """A subject of nothing but its last message and its deployment."""

    operation = "chat_completions"
    models = ("gpt-4o",)

    def __init__(self, last_message: str, deployment: str = "gpt-4o") -> None:
        self.last_message = last_message
        self.deployment = deployment


class _Request:
    headers: ClassVar[dict[str, str]] = {
        "api-key": "key",
        "content-type": "application/json",
        "user-agent": "bench",
    }


class _Operation:
    local = False


class _Call:
    """A call of which decisions need no more than this."""

    operation = _Operation()
    request = _Request()


class _NoFilter:
    """A content filter that has nothing to do: what it costs is not the rules' cost."""

    def concerns(self, call: object) -> bool:
        del call
        return False


def rules() -> Iterator[Row]:
    """The cost of having none, and of a thousand: by deployment, and by `contains` for prompts of
    several lengths."""
    yield Row("no rules", asyncio.run(_without_rules()), "us", 1.0)
    index = _index_of([{"deployment": f"chat-{n}"} for n in range(1_000)])
    spent = _matching(index, _Prompt(_PROMPT, "chat-500"))
    yield Row("1,000 rules by deployment, one of which matches", spent, "us", _BUDGET)
    index = _index_of([{"contains": f"question number {n}"} for n in range(1_000)])
    for characters in (80, 400, 4_000):
        prompt = _Prompt((_PROMPT * 50)[:characters])
        what = f"1,000 rules by contains, a prompt of {characters:,} characters"
        yield Row(what, _matching(index, prompt), "us", _BUDGET)
    prompt = _Prompt(("A question number. " * 300)[:4_000])
    what = "the same, of which each text begins in the prompt"
    yield Row(what, _matching(index, prompt), "us", _BUDGET)


async def _without_rules() -> float:
    """Microseconds that a decision takes where there is nothing to decide by, less those of a call of
    a coroutine."""
    foundation = lay_foundation(Settings(), time.monotonic, time.time, {})
    chosen = choose_rules(foundation, None, ())
    decisions = Decisions(chosen, cast("Screener", _NoFilter()))
    call = cast("Call[Any]", _Call())
    return min(
        [await _calls(decisions.on, call) - await _calls(_nothing, call) for _ in range(_ROUNDS)]
    )


async def _calls(work: Callable[[Call[Any], float], Awaitable[object]], call: Call[Any]) -> float:
    began = time.perf_counter()
    for _ in range(_CALLS):
        await work(call, 0.0)
    return (time.perf_counter() - began) / _CALLS * 1e6


async def _nothing(call: Call[Any], arrived: float) -> Call[Any]:
    del arrived
    return call


def _index_of(whens: list[dict[str, str]]) -> RuleIndex:
    return RuleIndex(read_rules([{"when": when, "latency": {"factor": 2}} for when in whens]))


def _matching(index: RuleIndex, prompt: _Prompt) -> float:
    subject = cast("Subject", prompt)
    return _least(lambda: index.matching(subject))


def _least(work: Callable[[], object]) -> float:
    """Microseconds of the least disturbed round."""
    work()
    return min(map(_round, [work] * _ROUNDS))


def _round(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(_REPEATS):
        work()
    return (time.perf_counter() - began) / _REPEATS * 1e6
