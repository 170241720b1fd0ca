"""The mode that makes answers up."""

import random
from collections.abc import Mapping
from typing import TypeVar

from simulator.headers import AnswerHeaders
from simulator.latency import AT_ONCE, Profile
from simulator.messages import Answer
from simulator.operations.base import Call

P = TypeVar("P")


class Generate:
    """Draws how fast a call is worked on, and asks its operation for the answer.

    Other `profiles` hold from the next call on.
    """

    strict = True

    def __init__(
        self, profiles: Mapping[str, Profile], headers: AnswerHeaders, rng: random.Random
    ) -> None:
        self.profiles = profiles
        self._headers = headers
        self._rng = rng

    async def answer(self, call: Call[P]) -> Answer:
        profile = self.profiles.get(call.operation.name)
        tempo = profile.draw(self._rng) if profile else AT_ONCE
        answer = await call.operation.generate(call, tempo)
        if call.deployment is None:
            return answer
        headers = self._headers.of_model(call.deployment, streamed=answer.streamed)
        return answer.with_headers(headers)
