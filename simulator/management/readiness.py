"""Checks that every dependency of the simulator is reachable."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from simulator.concurrency import SingleFlight
from simulator.errors import Unavailable
from simulator.limits.store import StoreError
from simulator.storage.container import StorageError

logger = logging.getLogger(__name__)

Check = Callable[[], Awaitable[object]]

PATIENCE = 3.0
"""Seconds that each check may take."""
VALID = 1.0
"""Seconds for which an answer is given again: anybody may ask."""


class Readiness:
    """Checks all dependencies at once; each check raises an error of its store if it is
    unreachable.
    """

    def __init__(
        self, checks: Mapping[str, Check], clock: Callable[[], float], patience: float = PATIENCE
    ) -> None:
        self._checks = checks
        self._clock = clock
        self._patience = patience
        self._asked: SingleFlight[Mapping[str, bool]] = SingleFlight()
        self._known: tuple[float, Mapping[str, bool]] | None = None

    async def found(self) -> Mapping[str, bool]:
        """Return the dependencies and True for each that is reachable. The reasons are in the
        log.
        """
        if self._known is not None and self._clock() - self._known[0] < VALID:
            return self._known[1]
        return await self._asked.share("", self._ask)

    async def _ask(self) -> Mapping[str, bool]:
        reached = await asyncio.gather(*map(self._reached, self._checks))
        found = dict(zip(self._checks, reached, strict=True))
        self._known = (self._clock(), found)
        return found

    async def _reached(self, name: str) -> bool:
        try:
            await asyncio.wait_for(self._checks[name](), self._patience)
        except (StorageError, StoreError, Unavailable, TimeoutError) as error:
            why = str(error) or f"no answer in {self._patience:g} s"
            logger.warning("not ready, %s cannot be reached: %s", name, why)
            return False
        return True
