"""Limits in the memory of several instances: each takes its share of them."""

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass

from simulator.instances.presence import ALONE, Standing
from simulator.limits.provisioned import Fill
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.store import Store
from simulator.limits.window import NEVER, SECOND, Decision

logger = logging.getLogger(__name__)

_MINUTE = 60 * SECOND
_MOST_SHARES = 4_096
_NEARLY_ALL = 0.96
"""The part of a minute's requests that has to be able to pass."""


class SharesStore:
    """Counts in `store`, against this instance's share of every limit.

    While their number is stable, the shares of all instances add up to the limit, so that never more
    is admitted. A request that alone is more than a share is refused, for the others' shares are
    not this instance's to give. Counts are shown for all instances, as if each had as many.
    """

    def __init__(self, store: Store, standing: Callable[[], Standing]) -> None:
        self._store = store
        self._standing = standing
        self._warned = False
        self._divided = ALONE
        self._shares: dict[tuple[int | None, int | None], StandardLimits] = {}

    async def hit(self, name: str, limits: StandardLimits, tokens: int) -> Decision:
        standing = self._standing()
        if standing.instances == 1:
            return await self._store.hit(name, limits, tokens)
        if standing is not self._divided:
            self._divide(standing)
        # Not `share_of` again: it hashes both of its values, which takes longer than all of this.
        share = self._shares.get((limits.tokens_per_minute, limits.requests_per_minute))
        decision = await self._store.hit(name, share or self._share(limits), tokens)
        return _for_all(decision, limits, tokens, standing.instances)

    async def fill(self, name: str, limits: ProvisionedLimits, tokens: int) -> Fill:
        standing = self._standing()
        if standing.instances > 1:
            self._warn(standing.instances)
        return await self._store.fill(name, units_of(limits, standing), tokens)

    async def correct(self, name: str, limits: ProvisionedLimits, difference: int) -> None:
        await self._store.correct(name, units_of(limits, self._standing()), difference)

    async def used(self, name: str) -> Decision:
        decision, instances = await self._store.used(name), self._standing().instances
        return Decision(decision.requests * instances, decision.tokens * instances)

    async def utilization(self, name: str, limits: ProvisionedLimits) -> Fill:
        return await self._store.utilization(name, units_of(limits, self._standing()))

    async def forget(self, name: str) -> None:
        await self._store.forget(name)

    async def reset(self) -> None:
        await self._store.reset()

    async def ping(self) -> None:
        await self._store.ping()

    async def close(self) -> None:
        await self._store.close()

    def _divide(self, standing: Standing) -> None:
        self._warn(standing.instances)
        self._divided = standing
        self._shares.clear()

    def _share(self, limits: StandardLimits) -> StandardLimits:
        if len(self._shares) >= _MOST_SHARES:
            self._shares.clear()
        share = share_of(limits, self._divided)
        self._shares[limits.tokens_per_minute, limits.requests_per_minute] = share
        return share

    def _warn(self, instances: int) -> None:
        if not self._warned:
            self._warned = True
            logger.warning(
                "%d instances serve, and each counts its share of the limits in its own memory; "
                "RATE_LIMIT_REDIS_URL makes them exact",
                instances,
            )


@dataclass(frozen=True, slots=True)
class Share(StandardLimits):
    """A share of limits on requests, with its part of each slice of a minute."""

    whole: StandardLimits
    standing: Standing

    def requests_per_slice(self, slice_seconds: float, window_seconds: float) -> int:
        """The parts add up to the whole slice where that leaves nearly all of the minute usable; else
        each is rounded up."""
        whole = self.whole.requests_per_slice(slice_seconds, window_seconds)
        slices = round(window_seconds / slice_seconds)
        if _usable(self.whole.requests_per_minute or 0, whole, slices, self.standing.instances):
            return _part(whole, self.standing)
        # `super()` does not work in a dataclass with slots (https://github.com/python/cpython/issues/90562).
        return StandardLimits.requests_per_slice(self, slice_seconds, window_seconds)


def share_of(limits: StandardLimits, standing: Standing) -> StandardLimits:
    tokens, requests = limits.tokens_per_minute, limits.requests_per_minute
    share = None if tokens is None else _part(tokens, standing)
    if requests is None:
        return StandardLimits(share, None)
    return Share(share, _part(requests, standing), limits, standing)


@functools.lru_cache(maxsize=4_096)
def _usable(requests: int, per_slice: int, slices: int, instances: int) -> bool:
    """True if nearly all `requests` of a minute pass where each slice is divided without rounding up."""
    standings = [Standing(rank, instances) for rank in range(instances)]
    passing = (min(slices * _part(per_slice, one), _part(requests, one)) for one in standings)
    return sum(passing) >= _NEARLY_ALL * requests


@functools.lru_cache(maxsize=4_096)
def units_of(limits: ProvisionedLimits, standing: Standing) -> ProvisionedLimits:
    """The share of the tokens that all units work off; at least one token a minute."""
    if standing.instances == 1:
        return limits
    tokens = max(1, limits.tokens_per_minute // standing.instances)
    return ProvisionedLimits(1, tokens, limits.output_ratio)


def _part(limit: int, standing: Standing) -> int:
    """The rest of the division goes to the first instances, one each."""
    part, rest = divmod(limit, standing.instances)
    return part + (standing.rank < rest)


def _for_all(decision: Decision, limits: StandardLimits, tokens: int, instances: int) -> Decision:
    requests, used = decision.requests, decision.tokens
    wait, cause = decision.wait, decision.cause
    if wait == NEVER and _fits(limits, tokens):
        wait = _MINUTE  # too much for this share, and not for the limit: there may be fewer instances soon
    return Decision(requests * instances, used * instances, wait, cause)


def _fits(limits: StandardLimits, tokens: int) -> bool:
    """True for a request that the whole limit would take."""
    most = limits.tokens_per_minute
    return limits.requests_per_minute != 0 and (most is None or tokens <= most)
