"""The fleet in force: its file is followed, its scenario runs, and requests find their resource."""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.errors import Unavailable, UnknownResource
from simulator.fleet.addresses import FOLDER, addressed
from simulator.fleet.errors import FleetError
from simulator.fleet.resource import FleetResource, Resources
from simulator.fleet.scenario import Scenario
from simulator.fleet.state import FleetFile, resources_at
from simulator.fleet.timeline import Timeline
from simulator.messages import Request
from simulator.storage.followed import Followed
from simulator.storage.refresh import Refresher, RefreshPolicy
from simulator.suggestions import nearest
from simulator.wire.origin import host_label

logger = logging.getLogger(__name__)

_SHOWN = 5
_UNREAD = (
    "The fleet has not been read yet; where its blob cannot be used, the log says why. "
    "Please try again."
)
# A changed file, or a scenario that another instance has begun, is in force within a second.
_POLICY = RefreshPolicy(background=0.5, at_most=1.0)


@dataclass(frozen=True, slots=True)
class FleetInForce:
    """The resources as they are now; the scenario `began` at this moment, in seconds since 1970."""

    resources: Resources
    began: float


class Fleet:
    """`apply` is called with each fleet that comes into force, the first one too; `first` is the file
    at the start, None if it is in a blob, which the first request reads. `clock` never goes back.
    """

    def __init__(
        self,
        followed: Followed[FleetFile],
        first: FleetFile | None,
        scenario: Scenario,
        apply: Callable[[FleetInForce], None],
        clock: Callable[[], float],
    ) -> None:
        self._followed = followed
        self._file = first
        self._scenario = scenario
        self._apply = apply
        self._clock = clock
        self._refresher = Refresher(self._refresh, clock, _POLICY, subject="the fleet")
        self._resources: Resources = {}
        self._in_force: tuple[FleetFile, float | None] | None = None
        self._changes_at = math.inf
        self._failed = ""
        self._advance()

    @property
    def due(self) -> float:
        """The moment of the clock from which `fresh` has something to do."""
        return min(self._refresher.due, self._changes_at)

    async def fresh(self) -> None:
        """Let no change of the file stay unknown for long, and none of the timeline be late. Whatever
        goes wrong, what is in force stays so.
        """
        await self._refresher.fresh()
        self._advance()

    async def ready(self) -> None:
        """Raises `Unavailable` while the fleet has not been read."""
        await self.fresh()
        if self._file is None:
            raise Unavailable(_UNREAD)

    def addressed(self, request: Request) -> Request:
        """The request with the resource that it is addressed to, and the path that it has there."""
        return addressed(request, self._resources)

    def find(self, request: Request) -> FleetResource:
        """The resource of an addressed request. Raises `UnknownResource`, or `Unavailable` before the
        fleet has been read.
        """
        if self._file is None:
            raise Unavailable(_UNREAD)
        found = self._resources.get(request.resource)
        if found is None:
            raise UnknownResource(_missing(request, self._resources))
        return found

    async def start(self) -> None:
        """Begin the scenario at 0. Raises `Unavailable`."""
        await self._scenario.begin()
        self._advance()

    async def stop(self) -> None:
        """Go back to what the file begins with. Raises `Unavailable`."""
        await self._scenario.stop()
        self._advance()

    @property
    def elapsed(self) -> float:
        """Seconds on the scenario's clock."""
        return self._scenario.clock

    def document(self) -> Mapping[str, Any]:
        """The scenario as it stands; `next` is the entry that comes next, as it is in the file."""
        timeline = self._timeline
        if not self._scenario.running:
            coming, clock, done, state = timeline.next(-1.0), 0.0, 0, "stopped"
        else:
            clock = self._scenario.clock
            coming, done = timeline.next(clock), timeline.done(clock)
            state = "ended" if timeline.ended(clock) else "running"
        shown: dict[str, Any] | None = None
        if coming is not None:
            shown = {**coming.entry.shown, "at": coming.moment}
            shown["in"] = round(coming.moment - clock, 3)
        return {"state": state, "clock": round(clock, 3), "done": done, "next": shown}

    @property
    def _timeline(self) -> Timeline:
        return Timeline() if self._file is None else self._file.timeline

    async def _refresh(self) -> None:
        news = await self._followed.news()
        if news is not None:
            logger.info("a fleet of %d resources is in force", len(news.resources))
            self._file = news
        if self._file is not None:
            await self._scenario.refresh(self._file.timeline.ended)

    def _advance(self) -> None:
        """Put into force what the timeline has changed by now."""
        file = self._file
        if file is None:
            return
        running = self._scenario.running
        moment = self._scenario.clock if running else -1.0
        wanted = (file, self._scenario.began if running else None)
        if wanted == self._in_force and self._clock() < self._changes_at:
            return
        self._in_force = wanted
        step = file.timeline.step(moment) if running else math.inf
        self._changes_at = self._clock() + max(0.0, step - moment)
        try:
            self._resources = resources_at(file, moment, self._resources)
        except FleetError as error:
            self._log_failure(str(error))
            return
        self._failed = ""
        self._apply(FleetInForce(self._resources, self._scenario.began))

    def _log_failure(self, why: str) -> None:
        if why != self._failed:
            self._failed = why
            logger.error("the timeline cannot go on, the fleet stays as it is: %s", why)


def _missing(request: Request, known: Resources) -> str:
    by_path = request.prefix.startswith(FOLDER)
    wanted = request.resource if by_path else host_label(request.headers)
    near = nearest(wanted, known)
    names = ", ".join(list(known)[:_SHOWN])
    if near:
        return f"the fleet has no resource {wanted[:64]!r}; the nearest is {near!r}"
    if by_path:
        return f"the fleet has no resource {wanted[:64]!r}; it has {names}"
    return (
        f"the address names no resource of the fleet ({names}); begin its path with {FOLDER}NAME, or "
        "its host with NAME, as in NAME.localhost"
    )
