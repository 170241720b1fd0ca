"""Questions to a distant store that leave together: those of one turn of the event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, NamedTuple, TypeVar

from simulator.limits.store import StoreError

K = TypeVar("K", bound=Hashable)
Q = TypeVar("Q")
A = TypeVar("A")

MOST = 64
"""Questions that leave together."""


class _Asked(NamedTuple, Generic[Q, A]):
    question: Q
    answer: asyncio.Future[A]


class Together(Generic[K, Q, A]):
    """Asks what is asked under the same key in one turn of the event loop in one call of `ask`, which
    returns as many answers, in the order of the questions.

    Nobody waits longer for it than a turn. A failed call is the `StoreError` of each question; who
    leaves before the call is not in it.
    """

    def __init__(self, ask: Callable[[K, Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._ask = ask
        self._leaving: dict[K, list[_Asked[Q, A]]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, key: K, question: Q) -> A:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # what an ended loop has left behind never leaves
            self._loop, self._leaving = loop, {}
        asked: _Asked[Q, A] = _Asked(question, loop.create_future())
        together = self._leaving.get(key)
        if together is None or len(together) >= MOST:
            together = self._leaving[key] = []
            loop.call_soon(self._leave, key, together)
        together.append(asked)
        return await asked.answer

    async def close(self) -> None:
        """Give up what is still asked."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _leave(self, key: K, together: list[_Asked[Q, A]]) -> None:
        if self._leaving.get(key) is together:
            del self._leaving[key]
        waiting = [asked for asked in together if not asked.answer.done()]
        if waiting:
            task = asyncio.create_task(self._deliver(key, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, key: K, waiting: Sequence[_Asked[Q, A]]) -> None:
        try:
            answers = await self._ask(key, [asked.question for asked in waiting])
            pairs = list(zip(waiting, answers, strict=True))
        except BaseException as error:
            for asked in waiting:
                if not asked.answer.done():
                    asked.answer.set_exception(StoreError(str(error) or "the store is closed"))
            if isinstance(error, StoreError):
                return
            raise
        for asked, answer in pairs:
            if not asked.answer.done():  # who asked may have left meanwhile
                asked.answer.set_result(answer)
