"""The names of a route's recordings, listed while many of them are looked up in vain."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.recordings.names import is_recording
from simulator.storage.container import Container, StorageError

MOST_NAMES = 20_000
"""Names of a route that is listed, as many as four answers of the blob service have."""
NAMES_A_LOOK_UP = 256
"""Names that are listed again for each look-up that the list before has answered."""
MOST_ROUTES = 16
LOOKED_UP = 16
"""Names that are looked up in vain, within the time that a list lasts, before there is one."""
_AGAIN = 60.0


@dataclass(slots=True)
class _Route:
    """A route's `names` as they were at `listed_at`, unless there is no list."""

    names: set[str] = field(default_factory=set[str])
    kept: set[str] = field(default_factory=set[str])
    """Names that have come while the route was listed, which may be too late for the list."""
    listed_at: float | None = None
    counted_from: float = 0.0
    misses: int = 0
    not_before: float = 0.0
    listing: bool = False
    spared: int = 0
    """Look-ups that the list has answered."""


class RouteNames:
    """Knows of names that they are not there, without asking for each. What it says was so at most
    `lasts` seconds ago (of the `clock`).
    """

    def __init__(self, container: Container, clock: Callable[[], float], lasts: float) -> None:
        self._container = container
        self._clock = clock
        self._lasts = lasts
        self._routes: OrderedDict[str, _Route] = OrderedDict()

    async def lacks(self, name: str) -> bool:
        """Return True if the name is known not to be there; False if it may be.

        One of those who ask waits for a new list, the others go by the one before.
        """
        route = self._routes.get(_folder(name))
        if route is None:
            return False
        now = self._clock()
        if self._is_due(route, now):
            await self._list(_folder(name), route, now)
            now = self._clock()
        if not self._is_listed(route, now) or name in route.names:
            return False
        route.spared += 1
        return True

    def missed(self, name: str) -> None:
        """Count a name that was looked up in vain."""
        folder, now = _folder(name), self._clock()
        route = self._routes.setdefault(folder, _Route(counted_from=now))
        self._routes.move_to_end(folder)
        if len(self._routes) > MOST_ROUTES:
            self._routes.popitem(last=False)
        if now - route.counted_from >= self._lasts:
            route.counted_from, route.misses = now, 0
        route.misses += 1

    def kept(self, name: str) -> None:
        """Note a name that there is from here on."""
        route = self._routes.get(_folder(name))
        if route is None:
            return
        if route.listing:
            route.kept.add(name)
        if self._is_listed(route, self._clock()):
            route.names.add(name)

    def forget(self) -> None:
        self._routes.clear()

    def _is_listed(self, route: _Route, now: float) -> bool:
        return route.listed_at is not None and now - route.listed_at < self._lasts

    def _is_due(self, route: _Route, now: float) -> bool:
        if route.listing or now < route.not_before:
            return False
        if route.listed_at is None or not self._is_listed(route, now):
            least = max(LOOKED_UP, len(route.names) // NAMES_A_LOOK_UP)
            return route.misses >= least and now - route.counted_from < self._lasts
        aged = now - route.listed_at >= self._lasts / 2
        return aged and route.spared * NAMES_A_LOOK_UP >= len(route.names)

    async def _list(self, folder: str, route: _Route, now: float) -> None:
        route.listing = True
        found: set[str] = set()
        try:
            async for name in self._container.names(folder):
                if is_recording(name):
                    found.add(name)
                if len(found) > MOST_NAMES:
                    route.listed_at, route.names, route.not_before = None, set(), now + _AGAIN
                    return
        except StorageError:
            route.listed_at = None  # whoever looks a name up reports it
        else:
            route.listed_at, route.names = now, found | route.kept
        finally:
            route.listing, route.misses, route.spared, route.kept = False, 0, 0, set()


def _folder(name: str) -> str:
    return name.rpartition("/")[0] + "/"
