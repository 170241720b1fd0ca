"""The mode that generates answers."""

import functools
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar

from simulator.latency import AT_ONCE, Tempo
from simulator.messages import Answer
from simulator.operations.base import Call
from simulator.wire.answer_headers import AnswerHeaders

P = TypeVar("P")

Generator = Callable[[Call[Any], Tempo], Awaitable[Answer]]
"""Makes the answer to a call, its chunks due as the tempo says."""
Wrapper = Callable[[Generator, Call[Any], Tempo], Awaitable[Answer]]
"""Makes the answer to a call, with the help of the generator that would make it otherwise."""
NO_WRAPPERS: Mapping[str, Sequence[Wrapper]] = MappingProxyType({})


class Generate:
    """Draws the tempo of a call from its latency, and has its operation make the answer.

    `wrappers` are around the operations of these names, the last one outermost.
    """

    strict = True

    def __init__(
        self,
        headers: AnswerHeaders,
        rng: random.Random,
        *,
        wrappers: Mapping[str, Sequence[Wrapper]] = NO_WRAPPERS,
    ) -> None:
        self._headers = headers
        self._rng = rng
        self._wrappers = wrappers

    async def answer(self, call: Call[P]) -> Answer:
        tempo = call.latency.draw(self._rng) if call.latency else AT_ONCE
        if call.slowdown is not None:
            tempo = call.slowdown.of(tempo)
        generate: Generator = call.operation.generate
        for wrapper in self._wrappers.get(call.operation.name, ()):
            generate = functools.partial(wrapper, generate)
        answer = await generate(call, tempo)
        if call.deployment is None:
            return answer
        headers = self._headers.of_model(
            call.deployment, streamed=answer.streamed, operation=call.operation.name
        )
        return answer.with_headers(headers)
