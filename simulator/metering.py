"""The charge of each call: from an operation's cost to the limits' admission."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from msgspec import structs

from simulator.catalogue.deployments import Deployment
from simulator.errors import ApiError
from simulator.limits.admission import Admission, Charge, RateLimiter
from simulator.limits.estimate import EstimateRule, estimator
from simulator.messages import NO_HEADERS, Usage
from simulator.operations.base import AnyCall
from simulator.pacing import ended

Body = bytes | AsyncIterator[bytes]

Limiter = Callable[[AnyCall], Awaitable[Mapping[str, str] | None]]
"""An extension's: raises an `ApiError` to refuse a call, else returns headers for its answer."""


class Metering:
    """Charges each call on arrival; `rule` estimates the tokens of a standard deployment.
    `limiters` are called before, and a request that one of them refuses is not charged.
    """

    def __init__(
        self, limits: RateLimiter, rule: EstimateRule, limiters: tuple[Limiter, ...] = ()
    ) -> None:
        self._limits = limits
        self._estimate = estimator(rule)
        self._limiters = limiters

    async def admit(self, call: AnyCall) -> Admission | None:
        """Return None for a call that has no limits; raises as `RateLimiter.admit` and the limiters
        do.
        """
        added = await self._asked(call) if self._limiters else NO_HEADERS
        if call.caller.limited and not call.operation.local:
            await self._limits.admit_caller(call.caller, self._charge(call))
        if call.deployment is None or call.operation.uncounted:
            return Admission(None, added) if added else None
        charge, admission = self._charge(call), None
        if call.overlong is not None:
            admission = await self._limits.spill(call.deployment, charge, call.overlong)
        if admission is None:
            admission = await self._limits.admit(call.deployment, charge)
        if not added:
            return admission
        return structs.replace(admission, headers={**added, **admission.headers})

    async def _asked(self, call: AnyCall) -> Mapping[str, str]:
        """Return the headers that the limiters of extensions add."""
        added: dict[str, str] = {}
        for limiter in self._limiters:
            added |= await limiter(call) or {}
        return added

    async def headers_of(self, deployment: Deployment) -> Mapping[str, str]:
        """Return the limits' headers of an answer that is not charged; none while they are unknown."""
        try:
            return await self._limits.headers_of(deployment)
        except ApiError:
            return NO_HEADERS

    async def spill(
        self, call: AnyCall, admission: Admission | None, error: ApiError
    ) -> Admission | None:
        """Admission to the deployment that takes over from a provisioned one that failed."""
        deployment = call.deployment
        if deployment is None or admission is None or not deployment.provisioned:
            return None
        if admission.deployment is not deployment:
            return None
        return await self._limits.spill(deployment, self._charge(call), error)

    def served(self, call: AnyCall, admission: Admission | None) -> AnyCall:
        """The call, at the deployment that serves it."""
        if admission is None or admission.deployment is call.deployment:
            return call
        return structs.replace(call, deployment=admission.deployment)

    @staticmethod
    async def settled(admission: Admission, body: Body, usage: Callable[[], Usage | None]) -> Body:
        """The body; when it has left, or its client has, the admission is settled by the usage."""
        if isinstance(body, bytes):
            await admission.settle(usage() or Usage(0))
            return body
        return ended(body, lambda: admission.settle(usage() or Usage(0)))

    def _charge(self, call: AnyCall) -> Charge:
        operation = call.operation.limit_name
        cost = call.operation.cost(call)
        if cost is None:
            return Charge(operation, call.api_version, spillover=call.spillover)
        output = None if cost.max_tokens is None else cost.max_tokens * cost.choices
        return Charge(
            operation,
            call.api_version,
            tokens=self._estimate(cost),
            prompt_tokens=cost.prompt_tokens,
            max_output=output,
            spillover=call.spillover,
            max_tokens=cost.max_tokens,
        )
