"""Applies the changes that other instances have put into the container: only when requests come,
and seldom.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from simulator.catalogue.deployment_file import DeploymentFileError, parse_deployments
from simulator.configuration.overrides.state import State
from simulator.configuration.overrides.stored import (
    NAME,
    UnreadableError,
    WatchedBlob,
    decode_stored,
)
from simulator.errors import InvalidRequest
from simulator.storage.container import Container, StorageError, Unchanged

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

    While the store is unreachable, what is known stays in force, and an outage is logged when it
    begins and when it ends. Nobody waits twice for it within `at_most` seconds.
    """

    def __init__(
        self,
        refresh: Callable[[], Awaitable[None]],
        clock: Callable[[], float],
        policy: RefreshPolicy,
    ) -> None:
        self._refresh = refresh
        self._clock = clock
        self._policy = policy
        self._refreshed = -math.inf
        self._unreachable = False
        self._running: asyncio.Task[None] | None = None
        self.due = -math.inf
        """Up to this moment of the clock there is nothing to do."""

    async def fresh(self) -> None:
        """Returns when no change made `at_most` seconds ago or earlier is unknown any more."""
        now = self._clock()
        if now < self.due:
            return
        if self._running is None:
            self._running = asyncio.create_task(self._run(now))
        if now - self._refreshed >= self._policy.at_most:
            # The refresh goes on when the client leaves, for others wait for it too.
            await asyncio.shield(self._running)

    async def _run(self, began: float) -> None:
        patience = self._policy.first if self._refreshed == -math.inf else self._policy.patience
        try:
            await asyncio.wait_for(self._refresh(), patience)
        except (StorageError, TimeoutError) as error:
            began = self._clock()
            self._failed(str(error) or f"no answer in {patience:g} s")
        else:
            self._worked()
        finally:
            self._running = None
            self._refreshed = began
            self.due = began + self._policy.background

    def _failed(self, cause: str) -> None:
        if not self._unreachable:
            self._unreachable = True
            logger.warning("the configuration stays as it is, its store is unreachable: %s", cause)

    def _worked(self) -> None:
        if self._unreachable:
            self._unreachable = False
            logger.warning("the store of the configuration is reachable again")


class Follower:
    """Takes over stored overrides, and the deployments of the blob `deployments` unless that is "".

    An unusable version is refused: a line is logged, and the earlier one stays in force.
    """

    def __init__(self, state: State, container: Container, deployments: str) -> None:
        self._state = state
        self._overrides = WatchedBlob(container, NAME)
        self._deployments = WatchedBlob(container, deployments) if deployments else None
        self._refused: dict[str, str] = {}

    async def refresh(self) -> None:
        """Raises `StorageError`."""
        if self._deployments is not None:
            await self._refresh_deployments(self._deployments)
        # Without the deployments, overrides of them cannot be checked.
        if not self._state.lacking:
            await self._refresh_overrides()

    async def _refresh_deployments(self, watched: WatchedBlob) -> None:
        blob = await watched.news()
        if isinstance(blob, Unchanged):
            return
        try:
            if blob is None:
                raise DeploymentFileError(f"{watched.name}: there is no such blob")
            self._state.put_deployments(parse_deployments(blob.data, watched.name))
        except (DeploymentFileError, InvalidRequest) as error:
            self._refuse(watched.name, str(error))
            if self._state.lacking:
                self._state.lacking = f"The deployments cannot be read. {error}"
            return
        watched.accept(blob)
        self._refused.pop(watched.name, None)

    async def _refresh_overrides(self) -> None:
        blob = await self._overrides.news()
        if isinstance(blob, Unchanged):
            return
        try:
            self._state.put_overrides(decode_stored(blob))
        except (UnreadableError, InvalidRequest) as error:
            self._refuse(NAME, str(error))
            return
        if blob is not None:
            self._overrides.accept(blob)
        self._refused.pop(NAME, None)

    def _refuse(self, name: str, cause: str) -> None:
        """Log a refused document once; it is tried again with each refresh, since the deployments
        that it did not fit may change.
        """
        if self._refused.get(name) != cause:
            self._refused[name] = cause
            logger.error("%s is refused, the earlier version stays in force: %s", name, cause)
