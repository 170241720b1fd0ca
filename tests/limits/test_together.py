import asyncio
from collections.abc import Sequence

import pytest

from simulator.limits.store import StoreError
from simulator.limits.together import MOST, Together


class Asking:
    """Answers each question with its double, once `go` is set; notes the calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[int]]] = []
        self.asked = asyncio.Event()
        self.error: Exception | None = None
        self.go = asyncio.Event()
        self.go.set()
        self.together: Together[str, int, int] = Together(self._ask)

    async def _ask(self, key: str, questions: Sequence[int]) -> Sequence[int]:
        self.calls.append((key, list(questions)))
        self.asked.set()
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return [2 * question for question in questions]


async def test_questions_of_one_turn_leave_together_by_their_key() -> None:
    asking = Asking()
    questions = [("a", 1), ("b", 2), ("a", 3)]
    answers = await asyncio.gather(*(asking.together.answer(*one) for one in questions))
    assert answers == [2, 4, 6]
    assert asking.calls == [("a", [1, 3]), ("b", [2])]


async def test_a_question_waits_for_no_call_that_is_under_way() -> None:
    asking = Asking()
    asking.go.clear()
    first = asyncio.create_task(asking.together.answer("a", 1))
    await asking.asked.wait()
    asking.go.set()
    assert await asking.together.answer("a", 2) == 4
    assert await first == 2
    assert len(asking.calls) == 2


async def test_no_more_leave_together_than_may() -> None:
    asking = Asking()
    answers = await asyncio.gather(*(asking.together.answer("a", n) for n in range(MOST + 1)))
    assert answers == [2 * n for n in range(MOST + 1)]
    assert [len(questions) for _, questions in asking.calls] == [MOST, 1]


async def test_a_failed_call_is_the_error_of_each_question() -> None:
    asking = Asking()
    asking.error = StoreError("no answer")
    found = await asyncio.gather(
        *(asking.together.answer("a", n) for n in range(2)), return_exceptions=True
    )
    assert [str(error) for error in found] == ["no answer"] * 2
    assert found[0] is not found[1]


async def test_who_leaves_before_the_call_is_not_in_it_and_disturbs_nobody() -> None:
    asking = Asking()
    leaving, staying = (asyncio.create_task(asking.together.answer("a", n)) for n in (1, 2))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == 4
    assert asking.calls == [("a", [2])]


async def test_nothing_is_asked_when_all_have_left() -> None:
    asking = Asking()
    leaving = asyncio.create_task(asking.together.answer("a", 1))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    await asyncio.sleep(0)
    assert asking.calls == []


async def test_who_leaves_during_the_call_disturbs_nobody() -> None:
    asking = Asking()
    asking.go.clear()
    leaving, staying = (asyncio.create_task(asking.together.answer("a", n)) for n in (1, 2))
    await asking.asked.wait()
    leaving.cancel()
    await asyncio.sleep(0)
    asking.go.set()
    assert await staying == 4


async def test_what_is_asked_when_it_closes_has_failed() -> None:
    asking = Asking()
    asking.go.clear()
    waiting = asyncio.create_task(asking.together.answer("a", 1))
    await asking.asked.wait()
    await asking.together.close()
    with pytest.raises(StoreError, match="closed"):
        await waiting


def test_what_an_ended_loop_has_left_behind_is_forgotten() -> None:
    asking = Asking()

    async def leave_behind() -> None:
        asyncio.get_running_loop().stop()
        await asking.together.answer("a", 1)

    loop = asyncio.new_event_loop()
    left = loop.create_task(leave_behind())
    loop.run_forever()
    loop.close()
    assert asyncio.run(asking.together.answer("a", 2)) == 4
    assert asking.calls == [("a", [2])]
    setattr(left, "_log_destroy_pending", False)  # noqa: B010  # the loop has gone from under it
