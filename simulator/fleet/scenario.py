"""The scenario's clock, which begins at a moment that all instances know from the container."""

import logging
from collections.abc import Callable

import msgspec

from simulator.configuration.settings import ScenarioStart
from simulator.errors import Unavailable
from simulator.storage.container import Blob, Container, StorageError, Unchanged, write_over
from simulator.storage.watched import WatchedBlob

logger = logging.getLogger(__name__)

NAME = ".config/scenario.json"
_ATTEMPTS = 20


class StoredScenario(msgspec.Struct, frozen=True):
    """When the scenario began, in seconds since 1970; None while it is stopped."""

    began: float | None = None


STOPPED = StoredScenario()


class Scenario:
    """`now` is the time of day, in seconds since 1970. With `start` auto, the first request finds the
    scenario running: as another instance has begun it, or from now on if nobody has, or if that one
    has ended.
    """

    def __init__(
        self, container: Container, now: Callable[[], float], start: ScenarioStart
    ) -> None:
        self._container = container
        self._watched = WatchedBlob(container, NAME)
        self._now = now
        self._start = start
        self._beginning = STOPPED
        self._begun_here = start == "manual"

    @property
    def running(self) -> bool:
        return self._beginning.began is not None

    @property
    def began(self) -> float:
        """The moment in seconds since 1970; that of the look at it while it is stopped."""
        began = self._beginning.began
        return self._now() if began is None else began

    @property
    def clock(self) -> float:
        """Seconds since the beginning; 0 while it is stopped."""
        return max(0.0, self._now() - self.began)

    async def refresh(self, ended: Callable[[float], bool]) -> None:
        """Take over what another instance has begun or stopped; `ended` says of a moment of the clock
        whether nothing comes after it. Raises `StorageError`.
        """
        blob = await self._watched.news()
        if not isinstance(blob, Unchanged):
            self._take(blob)
        if not self._begun_here:
            await self._begin(blob, ended)
            self._begun_here = True

    async def begin(self) -> None:
        """Begin at 0, for all instances. Raises `Unavailable`."""
        await self._put(StoredScenario(self._now()))

    async def stop(self) -> None:
        """Raises `Unavailable`."""
        await self._put(STOPPED)

    async def _begin(self, blob: Blob | Unchanged | None, ended: Callable[[float], bool]) -> None:
        """Begin at the first look, as `auto` does; a scenario that somebody has stopped stays so."""
        if blob is not None and (not self.running or not ended(self.clock)):
            how = f"goes on at {self.clock:.0f} s" if self.running else "is stopped"
            logger.info("the scenario %s; POST /++/scenario/start begins it again", how)
            return
        before = None if isinstance(blob, Unchanged) else blob
        wanted = StoredScenario(self._now())
        if await self._write(wanted, before):
            self._beginning = wanted
        else:
            self._take(await self._container.get(NAME))

    async def _put(self, wanted: StoredScenario) -> None:
        try:
            for _ in range(_ATTEMPTS):
                if await self._write(wanted, await self._container.get(NAME)):
                    self._beginning = wanted
                    self._begun_here = True
                    return
        except StorageError as error:
            raise Unavailable(
                f"The scenario's beginning cannot be stored, and nothing was changed: {error}"
            ) from error
        raise Unavailable("Others keep starting the scenario, and nothing was changed.")

    async def _write(self, wanted: StoredScenario, before: Blob | None) -> bool:
        return await write_over(self._container, NAME, msgspec.json.encode(wanted), before)

    def _take(self, blob: Blob | None) -> None:
        try:
            read = STOPPED if blob is None else msgspec.json.decode(blob.data, type=StoredScenario)
        except (msgspec.DecodeError, UnicodeDecodeError):
            logger.error("%s cannot be read; the scenario goes on as before", NAME)
        else:
            self._beginning = read
        if blob is not None:
            self._watched.accept(blob)
