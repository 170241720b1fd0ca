import asyncio

from simulator.management.readiness import VALID, Readiness
from simulator.storage.container import StorageError
from tests.support.clock import Clock


class Asked:
    """A check that counts, and fails as it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.times = 0
        self.error = error

    async def __call__(self) -> None:
        self.times += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error


async def test_each_dependency_is_found_or_not() -> None:
    readiness = Readiness({"a": Asked(), "b": Asked(StorageError("away"))}, Clock())
    assert await readiness.found() == {"a": True, "b": False}


async def test_why_something_is_not_reached_is_logged(caplog) -> None:
    await Readiness({"b": Asked(StorageError("the cause"))}, Clock()).found()
    assert [r.getMessage() for r in caplog.records] == ["not ready, b cannot be reached: the cause"]


async def test_what_does_not_answer_is_not_reached(caplog) -> None:
    async def hang() -> None:
        await asyncio.sleep(60)

    assert await Readiness({"a": hang}, Clock(), patience=0.01).found() == {"a": False}
    assert "no answer in 0.01 s" in caplog.text


async def test_many_who_ask_are_one_question() -> None:
    asked, clock = Asked(), Clock()
    readiness = Readiness({"a": asked}, clock)
    await asyncio.gather(*(readiness.found() for _ in range(10)))
    clock.now += VALID - 0.001
    await readiness.found()
    assert asked.times == 1


async def test_a_later_question_is_asked_again() -> None:
    asked, clock = Asked(), Clock()
    readiness = Readiness({"a": asked}, clock)
    await readiness.found()
    clock.now += VALID
    await readiness.found()
    assert asked.times == 2
