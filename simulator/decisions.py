"""Decisions of rules and of the content filter on a call, and their effect on its answer."""

from collections.abc import Mapping

from msgspec import structs

from simulator.errors import ApiError
from simulator.messages import NO_HEADERS, Answer
from simulator.operations.base import AnyCall
from simulator.rules.service import Rules
from simulator.screening import Screener, filtered_answer
from simulator.wire.faults import spoiled


class Decisions:
    """Decides on each call, before it is charged."""

    def __init__(self, rules: Rules, screener: Screener) -> None:
        self._rules = rules
        self._screener = screener

    async def on(self, call: AnyCall, arrived: float) -> AnyCall:
        """Return the call with what is decided of it. Raises `InvalidRequest` for a bad rule in its
        header."""
        if call.operation.local:
            return call
        if arrived >= self._rules.due:
            await self._rules.fresh()
        if self._rules.concern(call):
            plan = await self._rules.decide(call)
            if plan is not None:
                call = structs.replace(call, plan=plan)
        return await self._screener.screened(call) if self._screener.concerns(call) else call

    def headers(self, call: AnyCall | None, refusal: ApiError | None) -> Mapping[str, str]:
        """Return the header that names the rule that decided an answer."""
        if call is None or call.plan is None:
            return NO_HEADERS
        return self._rules.headers(call, refusal)


def refuse(call: AnyCall, *, charged: bool) -> None:
    """Raises the refusal that was decided, before or after the call is charged."""
    if call.plan is None and call.screening is None:  # as with most calls
        return
    for decided in (call.fault, call.screening):
        if decided is not None and decided.refusal is not None and decided.charged is charged:
            raise decided.refusal


async def decided_answer(call: AnyCall, answer: Answer, *, generated: bool) -> Answer:
    """The answer as the content filter lets it pass, with the fault that it is to have.

    One that is `generated` is stored here with its fault, where its operation stores answers.
    """
    if call.plan is None and call.screening is None:
        return answer
    if call.screening is not None:
        answer = await filtered_answer(call, answer)
    fault = call.fault
    if fault is None or fault.spoil is None:
        return answer
    return spoiled(answer, fault.spoil, stored=generated)
