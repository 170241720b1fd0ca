"""Refreshing: an instance reads what others have changed only when requests come, and seldom."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from simulator.outages import OutageLog
from simulator.storage.container import StorageError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """The intervals of refreshing, in seconds.

    A request that comes when the last refresh is `background` old starts another and does not wait;
    one that comes when it is `at_most` old waits for it, up to `patience`, and before the first
    refresh has ended up to `first`, for the store's client is still being loaded.
    """

    background: float = 2.5
    at_most: float = 5.0
    patience: float = 2.0
    first: float = 15.0


class Refresher:
    """Refreshes by its policy, never twice at a time and never without a request.

    While the store is unreachable, what is known stays in force, nobody waits for it a second time, and
    an outage is logged when it begins and when it ends.
    """

    def __init__(
        self,
        refresh: Callable[[], Awaitable[None]],
        clock: Callable[[], float],
        policy: RefreshPolicy,
        *,
        subject: str = "the configuration",
    ) -> None:
        self._subject = subject
        self._refresh = refresh
        self._clock = clock
        self._policy = policy
        self._refreshed = -math.inf
        self._outage = OutageLog(logger, f"the store of {subject}")
        self._running: asyncio.Task[None] | None = None
        self.due = -math.inf
        """Up to this moment of the clock there is nothing to do."""

    async def fresh(self) -> None:
        """Returns when no change made `at_most` seconds ago or earlier is unknown any more, as far as
        the store is not known to be unreachable."""
        now = self._clock()
        if now < self.due:
            return
        if self._running is None:
            self._running = asyncio.create_task(self._run(now))
        # While the store is known to be unreachable, nobody waits for it.
        if now - self._refreshed >= self._policy.at_most and not self._outage.lasts:
            # The refresh goes on when the client leaves, for others wait for it too.
            await asyncio.shield(self._running)

    async def _run(self, began: float) -> None:
        patience = self._policy.first if self._refreshed == -math.inf else self._policy.patience
        try:
            await asyncio.wait_for(self._refresh(), patience)
        except (StorageError, TimeoutError) as error:
            began = self._clock()
            self._outage.begins(
                "%s stays as it is, its store is unreachable: %s",
                self._subject,
                str(error) or f"no answer in {patience:g} s",
            )
        else:
            self._outage.ends()
        finally:
            self._running = None
            self._refreshed = began
            self.due = began + self._policy.background
