"""The mode that answers from recordings."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable

from simulator.concurrency import SingleFlight
from simulator.errors import RecordingNotFound, Unavailable, unreadable_recordings
from simulator.messages import RECORDING_HEADER, Answer, Request
from simulator.modes.base import Mode
from simulator.modes.playback import Playback
from simulator.operations.base import Call, P
from simulator.recordings.exchange import Exchange
from simulator.recordings.library import Library, RecordingKey
from simulator.recordings.nearest import reported
from simulator.recordings.promote import PromoteResult
from simulator.storage.container import StorageError

logger = logging.getLogger(__name__)

PROMOTE_AGAIN, PROMOTE_RETRY = 30.0, 2.0
"""Seconds after a promotion that did not finish, and after one that failed altogether, in which no miss
begins another."""
PROMOTE_WAIT = 30.0
"""Seconds that a miss waits for a promotion."""
_MISSED = {RECORDING_HEADER: "missed"}


class Replay:
    """Plays what was recorded. What was not goes to `on_miss`, or is an error that says what comes
    nearest. The first miss has `promote` give spooled recordings their names, so a start does nothing.
    """

    strict = False

    def __init__(
        self,
        library: Library,
        playback: Playback,
        *,
        promote: Callable[[], Awaitable[PromoteResult]],
        clock: Callable[[], float],
        on_miss: Mode | None = None,
    ) -> None:
        self._library = library
        self._playback = playback
        self._promote = promote
        self._on_miss = on_miss
        self._clock = clock
        self._promote_at: float | None = -math.inf
        self._unpromoted = ""
        """The reason why spooled recordings have no names yet."""
        self._promotions: SingleFlight[None] = SingleFlight()

    async def answer(self, call: Call[P]) -> Answer:
        try:
            place = await self._library.place(call.request)
            exchange = await self._find(call.request, place)
            if exchange is None:
                if self._on_miss is not None:
                    return (await self._on_miss.answer(call)).with_headers(_MISSED)
                exchange = await self._nearest(call.request, place)
        except StorageError as error:
            raise unreadable_recordings(error) from error
        together = not call.changes_events
        return self._playback.answer(exchange, call.request, call.slowdown, together=together)

    async def _find(self, request: Request, place: RecordingKey) -> Exchange | None:
        found = await self._library.find(request, place)
        if found is None and self._promote_at is not None and self._clock() >= self._promote_at:
            finished = await self._promoted()
            found = await self._library.find(request, place)
            if found is None and not finished:
                raise Unavailable(
                    "Recordings that are spooled are being given their names. Please try again.",
                    headers={"retry-after": "1"},
                )
        return found

    async def _promoted(self) -> bool:
        """Wait for the promotion that is under way, which goes on; return whether it ended in time."""
        try:
            async with asyncio.timeout(PROMOTE_WAIT):
                await self._promotions.share("", self._promote_once)
        except TimeoutError:
            return False
        return True

    async def _promote_once(self) -> None:
        try:
            done = await self._promote()
        except StorageError as error:  # it may be read-only to us
            logger.warning("spooled recordings could not be promoted: %s", error)
            self._promote_at = self._clock() + PROMOTE_RETRY
            self._unpromoted = str(error)
            return
        self._unpromoted = ""
        self._promote_at = None if done.finished else self._clock() + PROMOTE_AGAIN
        self._library.store.forget_misses()

    async def _nearest(self, request: Request, place: RecordingKey) -> Exchange:
        """A recording made under other rules of matching that answers the request, or an error."""
        nearest = await self._library.nearest(request)
        if nearest is not None and not nearest.differences:
            return nearest.exchange
        missing = f"Nothing is recorded for {request.method} {request.path}: no {place.name}."
        if self._unpromoted:
            missing += f" It may be spooled, for spooled recordings cannot be promoted: {self._unpromoted}."
        if nearest is None:
            raise RecordingNotFound(
                f"{missing} There is no recording of this route at all.", headers=_MISSED
            )
        raise RecordingNotFound(
            f"{missing} The nearest recording of the same route is {nearest.name}; "
            f"what differs is {reported(nearest)}.",
            headers=_MISSED,
        )
