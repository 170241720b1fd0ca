"""The presence of this instance and of the others, by signs of life in the container they share."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.concurrency import SingleFlight
from simulator.instances.sightings import Sightings, Sign
from simulator.storage.container import Container, StorageError
from simulator.storage.refresh import Refresher, RefreshPolicy

logger = logging.getLogger(__name__)

FOLDER = ".instances/"
BEAT = 5.0
"""Seconds between two signs of life, which only requests cause."""
MOST_SIGNS = 5_000
"""Signs that are read; what no instance takes back is removed long before."""
_MOST_REMOVED = 50
_RECENT = 1.0
"""Seconds for which a count without a sign is good: anybody may ask for it."""
_PATIENCE = 2.0
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
        self._clock = clock
        self._now = now
        self._own = ""
        self._known = False
        self._recounted = -_RECENT
        self._recounts: SingleFlight[None] = SingleFlight()
        self._sightings = Sightings()
        self._refresher = Refresher(self._beat, clock, _POLICY, subject="the list of instances")

    @property
    def due(self) -> float:
        """The moment of the clock from which `fresh` has something to do."""
        return self._refresher.due

    async def fresh(self) -> None:
        """Returns when this instance has left its sign and knows of every other that serves."""
        await self._refresher.fresh()

    async def recount(self) -> None:
        """Count the signs of others without leaving one, where none was left lately: an instance that is
        only asked whether it is ready does not serve. While the container is unreachable, what is
        known stays."""
        now = self._clock()
        if now < self.due or now < self._recounted + _RECENT:
            return
        try:
            await asyncio.wait_for(self._recounts.share("", self._count), _PATIENCE)
        except (StorageError, TimeoutError) as error:
            logger.debug("the instances cannot be counted: %s", error)
        self._recounted = self._clock()

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
        """Leave a sign and count those of others at the same time, then remove old ones. The others are
        counted also where no sign can be left: in a store that is full, or that this instance may
        only read."""
        signed, signs = await asyncio.gather(self._sign(), self._signs(), return_exceptions=True)
        if isinstance(signs, BaseException):
            raise signs
        useless = self._counted(signs)
        if signed is not None:
            raise signed
        await asyncio.gather(*map(self._container.delete, useless))

    async def _sign(self) -> None:
        sign = f"{self._folder}{self.name}-{int(self._now())}"
        if sign != self._own:
            await self._container.put(sign, b"")
            self._own = sign

    async def _count(self) -> None:
        self._counted(await self._signs())

    def _counted(self, signs: Mapping[str, Sign]) -> Sequence[str]:
        """Take the standing of this instance from the signs; returns those that are to be removed."""
        self._sightings.take(signs.values(), now=self._now(), clock=self._clock())
        self._take(self._sightings.alive())
        gone = self._sightings.gone()
        return [
            path
            for path, sign in signs.items()
            if (sign.name == self.name and path != self._own) or sign.name in gone
        ][:_MOST_REMOVED]

    async def _signs(self) -> Mapping[str, Sign]:
        signs: dict[str, Sign] = {}
        async for path in self._container.names(self._folder):
            found = _SIGN.fullmatch(path.removeprefix(self._folder))
            if found:
                signs[path] = Sign(found[1], int(found[2]))
            if len(signs) == MOST_SIGNS:
                break
        return signs

    def _take(self, alive: frozenset[str]) -> None:
        names = sorted({*alive, self.name})
        standing = Standing(names.index(self.name), len(names))
        if not self._known or standing.instances != self.standing.instances:
            self._known = True
            logger.info("this is instance %s, one of %d that serve", self.name, len(names))
        if standing != self.standing:
            self.standing = standing  # what is divided by it may be kept as long as it is the same
