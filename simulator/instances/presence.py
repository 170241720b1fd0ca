"""The presence of this instance and of the others, by signs of life in the container they share."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.storage.container import Container, StorageError
from simulator.storage.refresh import Refresher, RefreshPolicy

logger = logging.getLogger(__name__)

FOLDER = ".instances/"
BEAT = 5.0
"""Seconds between two signs of life, which only requests cause."""
ALIVE = 15.0
"""Seconds for which a sign of life is good."""
_FORGOTTEN = 3600.0
"""Seconds after which the sign of an instance that never took it back is removed by another."""
_MOST_REMOVED = 10
_SIGN = re.compile(r"([0-9a-z]{1,32})-(\d{1,12})")
_POLICY = RefreshPolicy(background=BEAT, at_most=2 * BEAT)


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of this instance among those that are alive, from 0, and their number."""

    rank: int = 0
    instances: int = 1


ALONE = Standing()


class Presence:
    """Leaves a sign of life under `name`, and counts the signs of others.

    A sign is an empty blob whose name has the moment in it (`now`, the time of day), so that one list
    is enough. Nothing happens without requests: an instance that gets none for 15 seconds counts as
    gone, and with its next request, which waits for the list, it is back. While the container cannot be
    reached, what is known stays.
    """

    def __init__(
        self,
        container: Container,
        site: str,
        name: str,
        *,
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self.name = name
        self.standing = ALONE
        self._container = container
        self._folder = f"{FOLDER}{site}/"
        self._now = now
        self._own = ""
        self._known = False
        self._refresher = Refresher(self._beat, clock, _POLICY, subject="the list of instances")

    @property
    def due(self) -> float:
        """The moment of the clock from which `fresh` has something to do."""
        return self._refresher.due

    async def fresh(self) -> None:
        """Returns when this instance has left its sign and knows of every other that serves."""
        await self._refresher.fresh()

    async def close(self) -> None:
        """Take the sign of life back, so that the others need not wait for it to grow old.

        Where the container is unreachable, the sign stays and grows old: an end is not held up by it.
        """
        if not self._own:
            return
        try:
            await self._container.delete(self._own)
        except StorageError as error:
            logger.warning("the sign of life of instance %s stays: %s", self.name, error)

    async def _beat(self) -> None:
        now = self._now()
        sign = f"{self._folder}{self.name}-{int(now)}"
        if sign != self._own:
            before, self._own = self._own, sign
            await self._container.put(sign, b"")
            if before:
                await self._container.delete(before)
        signs = await self._signs()
        self._take(sorted(name for name, at in signs.items() if now - at < ALIVE))
        old = [name for name, at in signs.items() if now - at > _FORGOTTEN][:_MOST_REMOVED]
        for name in old:
            await self._container.delete(f"{self._folder}{name}-{signs[name]}")

    async def _signs(self) -> Mapping[str, int]:
        """The newest sign of each instance, in seconds since 1970."""
        signs: dict[str, int] = {}
        async for path in self._container.names(self._folder):
            found = _SIGN.fullmatch(path.removeprefix(self._folder))
            if found:
                signs[found[1]] = max(signs.get(found[1], 0), int(found[2]))
        return signs

    def _take(self, alive: list[str]) -> None:
        names = sorted({*alive, self.name})
        standing = Standing(names.index(self.name), len(names))
        if not self._known or standing.instances != self.standing.instances:
            self._known = True
            logger.info("this is instance %s, one of %d that serve", self.name, len(names))
        self.standing = standing
