"""Departures: a deployment that is removed takes its windows along, so that the next of its name starts
empty."""

import asyncio
import logging
from collections.abc import Iterable

from simulator.limits.store import Store, StoreError

logger = logging.getLogger(__name__)


class Departures:
    """Compares the names of deployments with those before, and has the store forget what is gone."""

    def __init__(self, store: Store, names: Iterable[str]) -> None:
        self._store = store
        self._names = frozenset(names)
        self._tasks: set[asyncio.Task[None]] = set()

    def follow(self, names: Iterable[str]) -> None:
        """Take the names that hold from now on; called where an event loop runs."""
        before, self._names = self._names, frozenset(names)
        for name in before - self._names:
            task = asyncio.get_running_loop().create_task(self._forget(name))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forget(self, name: str) -> None:
        try:
            await self._store.forget(name)
        except StoreError as error:
            logger.warning("the limits of %s, which is removed, stay counted: %s", name, error)
