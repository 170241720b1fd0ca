"""The policy for requests while the shared store is unreachable."""

import logging
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from simulator.errors import Unavailable
from simulator.limits.provisioned import Fill
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.store import Store, StoreError
from simulator.limits.window import Decision

logger = logging.getLogger(__name__)

FailurePolicy = Literal["open", "closed"]
PAUSE = 1.0
"""Seconds for which a store that failed is not asked again."""

T = TypeVar("T")


class FailurePolicyStore:
    """Applies the failure policy of a shared store: while the store is unreachable, requests are
    admitted (`open`) or refused with 503 (`closed`).

    A store that failed is left alone for a second, so that not every request waits for a time-out,
    and then tried again by the next one: it recovers by itself. `on_error` is called for every
    decision made without the store; an outage is logged when it begins and when it ends.
    """

    def __init__(
        self,
        store: Store,
        policy: FailurePolicy,
        *,
        clock: Callable[[], float],
        on_error: Callable[[], None],
    ) -> None:
        self._store = store
        self._policy: FailurePolicy = policy
        self._clock = clock
        self._on_error = on_error
        self._away = False
        self._ask_again = 0.0

    async def hit(self, name: str, limits: StandardLimits, tokens: int) -> Decision:
        """Without the store, the verdict counts this request alone."""
        verdict = await self._ask(lambda: self._store.hit(name, limits, tokens))
        return verdict or self._without(Decision(1, tokens))

    async def fill(self, name: str, limits: ProvisionedLimits, tokens: int) -> Fill:
        fill = await self._ask(lambda: self._store.fill(name, limits, tokens))
        return fill or self._without(Fill(tokens / limits.tokens_per_minute))

    async def correct(self, name: str, limits: ProvisionedLimits, difference: int) -> None:
        """The request is answered by now, so a correction that fails is dropped."""
        await self._ask(lambda: self._store.correct(name, limits, difference))

    async def ping(self) -> None:
        """Asks the store itself, whatever is known of it; raises `StoreError`."""
        await self._store.ping()

    async def close(self) -> None:
        await self._store.close()

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T | None:
        """Return the store's answer; None if it is unreachable."""
        if self._away and self._clock() < self._ask_again:
            self._on_error()
            return None
        try:
            answer = await question()
        except StoreError as error:
            self._failed(error)
            return None
        if self._away:
            self._away = False
            logger.warning("the store of the rate limits is back")
        return answer

    def _failed(self, error: StoreError) -> None:
        self._on_error()
        self._ask_again = self._clock() + PAUSE
        if not self._away:
            self._away = True
            then = "admitted" if self._policy == "open" else "refused"
            logger.warning("the store of the rate limits is away, requests are %s: %s", then, error)

    def _without(self, admitted: T) -> T:
        if self._policy == "closed":
            raise Unavailable("The store of the rate limits cannot be reached. Please try again.")
        return admitted
