"""The mode that makes answers up."""

import dataclasses
import random
from collections.abc import Mapping
from typing import TypeVar

from simulator.headers import AnswerHeaders
from simulator.latency import AT_ONCE, Profile
from simulator.messages import Answer
from simulator.operations.base import Call

P = TypeVar("P")


class Generate:
    """Asks the call's operation for an answer and draws the moments of its chunks."""

    strict = True

    def __init__(
        self, profiles: Mapping[str, Profile], headers: AnswerHeaders, rng: random.Random
    ) -> None:
        self._profiles = profiles
        self._headers = headers
        self._rng = rng

    async def answer(self, call: Call[P]) -> Answer:
        answer = await call.operation.generate(call)
        if call.deployment is not None:
            headers = self._headers.of_model(call.deployment, streamed=answer.streamed)
            answer = dataclasses.replace(answer, headers={**headers, **answer.headers})
        profile = self._profiles.get(call.operation.name, AT_ONCE)
        return profile.schedule(answer, self._rng)
