"""The mode that generates answers."""

import functools
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from simulator.catalogue.deployments import Deployment
from simulator.latency import AT_ONCE, Clock, Demand, Tempo
from simulator.messages import Answer
from simulator.modes.in_flight import InFlight
from simulator.operations.base import Call, P
from simulator.wire.answer_headers import AnswerHeaders

Generator = Callable[[Call[Any], Tempo], Awaitable[Answer]]
"""Makes the answer to a call, its chunks due as the tempo says."""
Wrapper = Callable[[Generator, Call[Any], Tempo], Awaitable[Answer]]
"""Makes the answer to a call, with the help of the generator that would make it otherwise."""
Instances = Callable[[], int]
"""Returns the number of instances that serve."""
NO_WRAPPERS: Mapping[str, Sequence[Wrapper]] = MappingProxyType({})


def _alone() -> int:
    return 1


class Generate:
    """Draws the tempo of a call from its latency, and has its operation make the answer.

    `clock` never goes back, in seconds. `wrappers` are around the operations of these names, the last one
    outermost. Each of the `instances` is taken to have as many answers under way as this one.
    """

    strict = True

    def __init__(
        self,
        headers: AnswerHeaders,
        rng: random.Random,
        clock: Clock,
        *,
        wrappers: Mapping[str, Sequence[Wrapper]] = NO_WRAPPERS,
        instances: Instances = _alone,
    ) -> None:
        self._headers = headers
        self._rng = rng
        self._wrappers = wrappers
        self._instances = instances
        self._in_flight = InFlight(clock)

    async def answer(self, call: Call[P]) -> Answer:
        operation, deployment, latency = call.operation, call.deployment, call.latency
        generate: Generator = operation.generate
        for wrapper in self._wrappers.get(operation.name, ()):
            generate = functools.partial(wrapper, generate)
        concerned = latency is not None and deployment is not None and latency.concerns(deployment)
        answer = await generate(call, self._tempo(call, concerned=concerned))
        if deployment is None or call.own:
            return answer
        if latency is not None and concerned and latency.loaded(deployment):
            self._in_flight.add(deployment.full_name, answer)
        made = self._headers.of_passed if call.passed else self._headers.of_model
        headers = made(deployment, streamed=answer.streamed, operation=operation.name)
        return answer.with_headers(headers)

    def _tempo(self, call: Call[Any], *, concerned: bool) -> Tempo:
        """The tempo that is drawn for a call, with what rules change of it; `concerned` if more than its
        operation decides."""
        latency, deployment = call.latency, call.deployment
        if latency is None or not latency.factor:
            return AT_ONCE
        if deployment is None or not concerned:
            tempo = latency.usual(call.operation.name, self._rng)
        else:
            demand = self._demand(call, deployment)
            tempo = latency.draw(call.operation.name, deployment, demand, self._rng)
        if latency.factor != 1.0:
            tempo = tempo.times(latency.factor)
        slowdown = None if call.plan is None else call.slowdown
        return tempo if slowdown is None else slowdown.of(tempo)

    def _demand(self, call: Call[Any], deployment: Deployment) -> Demand:
        cost = call.operation.cost(call)
        expedited = deployment.provisioned or call.operation.tier(call) == "priority"
        in_flight = self._in_flight.count(deployment.full_name) * self._instances()
        return Demand(0 if cost is None else cost.prompt_tokens, in_flight, expedited)
