"""The policy for requests while the shared store is unreachable."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Literal, TypeVar

from simulator.errors import Unavailable
from simulator.limits.provisioned import Fill
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.store import Store, StoreError
from simulator.limits.window import Decision
from simulator.outages import CircuitBreaker, OutageLog

logger = logging.getLogger(__name__)

FailurePolicy = Literal["open", "closed"]
TURNS = 50
"""Requests that ask the shared store at the same time."""
LONGEST_WAIT = 30.0
"""Seconds that a request waits for its turn at most."""

T = TypeVar("T")


class FailurePolicyStore:
    """Applies the failure policy of a shared store: while the store is unreachable, requests are
    admitted as far as `fallback` admits them (`open`) or refused with 503 (`closed`).

    At most `turns` requests ask at a time. Waiting for a turn is no outage, however long the queue:
    who waits longer than `longest_wait` is refused, whatever the policy says, and never admitted
    uncounted. A store that failed is left alone for a second and then tried by one request, while
    all others go on without it: it recovers by itself. What the store admits is counted in
    `fallback` too, so that an outage gives this process no second limit. `on_error` is called for
    every decision made without the store; an outage is logged when it begins and when it ends.
    """

    def __init__(
        self,
        store: Store,
        policy: FailurePolicy,
        *,
        fallback: Store,
        clock: Callable[[], float],
        on_error: Callable[[], None],
        turns: int = TURNS,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._store = store
        self._policy: FailurePolicy = policy
        self._fallback = fallback
        self._on_error = on_error
        self._turns = asyncio.Semaphore(turns)
        self._longest_wait = longest_wait
        self._breaker = CircuitBreaker(clock)
        self._outage = OutageLog(logger, "the store of the rate limits")

    async def hit(self, name: str, limits: StandardLimits, tokens: int) -> Decision:
        decision = await self._ask(lambda: self._store.hit(name, limits, tokens))
        if decision is None:
            self._refuse_if_closed()
            return await self._fallback.hit(name, limits, tokens)
        if not decision.wait:
            await self._fallback.hit(name, limits, tokens)
        return decision

    async def fill(self, name: str, limits: ProvisionedLimits, tokens: int) -> Fill:
        fill = await self._ask(lambda: self._store.fill(name, limits, tokens))
        if fill is None:
            self._refuse_if_closed()
            return await self._fallback.fill(name, limits, tokens)
        if not fill.wait:
            await self._fallback.fill(name, limits, tokens)
        return fill

    async def correct(self, name: str, limits: ProvisionedLimits, difference: int) -> None:
        """The request is answered by now, so a correction that fails is dropped."""
        await self._fallback.correct(name, limits, difference)
        try:
            await self._ask(lambda: self._store.correct(name, limits, difference))
        except Unavailable:
            logger.warning("a correction of %s was dropped: the queue is too long", name)

    async def used(self, name: str) -> Decision:
        """Return what this process has counted where the store is unreachable."""
        found = await self._ask(lambda: self._store.used(name))
        return await self._fallback.used(name) if found is None else found

    async def utilization(self, name: str, limits: ProvisionedLimits) -> Fill:
        found = await self._ask(lambda: self._store.utilization(name, limits))
        return await self._fallback.utilization(name, limits) if found is None else found

    async def forget(self, name: str) -> None:
        await self._fallback.forget(name)
        await self._store.forget(name)

    async def reset(self) -> None:
        await self._fallback.reset()
        await self._store.reset()

    async def ping(self) -> None:
        """Asks the store itself, whatever is known of it; raises `StoreError`."""
        await self._store.ping()

    async def close(self) -> None:
        await self._store.close()

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T | None:
        """Return the store's answer; None if it is unreachable."""
        if self._breaker.open:
            self._on_error()
            return None
        async with self._turn():
            if self._breaker.open:  # an outage began, or a probe, while this one waited
                self._on_error()
                return None
            return await self._try(question)

    async def _try(self, question: Callable[[], Awaitable[T]]) -> T | None:
        try:
            with self._breaker.attempt(StoreError):
                answer = await question()
        except StoreError as error:
            self._on_error()
            then = "counted in memory" if self._policy == "open" else "refused"
            self._outage.begins(
                "the store of the rate limits is unreachable, requests are %s: %s", then, error
            )
            return None
        if not self._breaker.failed:
            self._outage.ends()
        return answer

    @asynccontextmanager
    async def _turn(self) -> AsyncGenerator[None]:
        try:
            async with asyncio.timeout(self._longest_wait):
                await self._turns.acquire()
        except TimeoutError:
            raise Unavailable(
                f"The request waited {self._longest_wait:g} seconds for its turn at the store of "
                "the rate limits. Please try again.",
                headers={"retry-after": "1"},
            ) from None
        try:
            yield
        finally:
            self._turns.release()

    def _refuse_if_closed(self) -> None:
        if self._policy == "closed":
            raise Unavailable(
                "The store of the rate limits cannot be reached. Please try again.",
                headers={"retry-after": "1"},
            )
