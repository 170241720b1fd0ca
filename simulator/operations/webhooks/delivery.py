"""The delivery of events: each sent until it is accepted, by whoever sees the moment pass."""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence

from simulator.errors import ApiError
from simulator.operations.webhooks.destination import Destination, Network, Resolver
from simulator.operations.webhooks.owed import Owed, OwedStore
from simulator.operations.webhooks.signing import Ended, Event, event_of, signed_headers
from simulator.operations.webhooks.store import Endpoint, WebhookStore

logger = logging.getLogger(__name__)

Send = Callable[[Destination, Mapping[str, str], bytes], Awaitable[int]]
"""Posts bytes to a destination at the addresses it has been resolved to, follows no redirect, and returns
the status; raises OSError or TimeoutError."""

MOST_WAITED_FOR = 1_000
"""Moments that an instance waits for; of those beyond, whoever looks sends the event."""
MOST_REPEATED = 1_000
"""Deliveries that an instance waits to repeat; those beyond are not repeated."""
MOST_UNDER_WAY = 5_000
"""Moments that are waited for and deliveries, of an instance; what is beyond is not sent."""
MOST_SETTLED = 10_000
"""Events that an instance remembers to have nothing more to do with."""
LONGEST_WAIT = 3_600.0
"""Seconds that a moment is waited for."""
WAITS = tuple(5.0 * 2**number for number in range(9))
"""Seconds before each repeat of a delivery that was not accepted: 43 minutes in all."""
LONGEST_OWED = 72 * 3_600.0
"""Seconds after its moment for which an event is sent."""
RESUME_EVERY = 30.0
"""Seconds from one time that what other instances have left is resumed to the next."""
# Seconds by which a moment has surely passed, however the clocks are rounded.
_AFTER = 0.1
# Seconds by which a wait may end early, because a clock was set meanwhile.
_EARLY = 1.0
# Seconds that another instance's delivery is left to it once it is due.
_GRACE = 2.0


class Webhooks:
    """Sends events of one app to the endpoints of a resource that want them."""

    def __init__(
        self,
        store: WebhookStore,
        owed: OwedStore,
        send: Send,
        allowed: Sequence[Network],
        now: Callable[[], float],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._owed = owed
        self._send = send
        self._now = now
        self._clock = clock
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0
        self._repeated = 0
        self._pursued: set[str] = set()
        self._settled: dict[str, None] = {}
        self._resume_due = -math.inf
        self.resolver = Resolver(allowed)

    @property
    def due(self) -> float:
        """The moment of the clock from which a request has `fresh` resume what is owed."""
        return self._resume_due

    async def fresh(self) -> None:
        """Begin to deliver what other instances have left, or this one before it was started anew."""
        if self._clock() >= self._resume_due:
            self._resume_due = self._clock() + RESUME_EVERY
            self._begin(self._resume_owed())

    @property
    def under_way(self) -> frozenset[asyncio.Task[None]]:
        """The tasks of what is waited for, and of what is being delivered."""
        return frozenset(self._tasks)

    async def close(self) -> None:
        """Give up what is waited for, and what is under way."""
        tasks = self.under_way
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.difference_update(tasks)

    def expect(self, resource: str, moment: float, check: Callable[[], Awaitable[None]]) -> None:
        """Check after a moment whether there is something to send, if this instance lives until then
        and somebody wants to know by then."""
        wait = moment - self._now() + _AFTER
        if wait > LONGEST_WAIT or self._waiting >= MOST_WAITED_FOR:
            return
        if self._begin(self._checked(resource, max(wait, 0.0), check)):
            self._waiting += 1

    async def passed(self, resource: str, *found: Ended) -> None:
        """Send an event about each, unless it has been sent, to the endpoints that were there then."""
        ends = [one for one in found if event_of(one).id not in self._settled]
        endpoints = await self._store.endpoints(resource) if ends else []
        for ended in ends:
            event = event_of(ended)
            wanted = [one for one in endpoints if one.wants(ended)]
            if wanted and await self._store.claim(event.id, ended.moment):
                for endpoint in wanted:
                    self._begin(self._deliver(self._owed_to(resource, endpoint, ended)))
            self._settle(event.id)

    async def tried(self, endpoint: Endpoint, kind: str) -> int:
        """Return the status with which an endpoint answers a sample of an event."""
        now = self._now()
        event = event_of(Ended(kind, f"sample_{int(now * 1000):x}", now))
        return await self._posted(endpoint, event)

    def _settle(self, event: str) -> None:
        """Remember that there is nothing more to do for an event."""
        self._settled[event] = None
        while len(self._settled) > MOST_SETTLED:
            del self._settled[next(iter(self._settled))]

    def _begin(self, work: Coroutine[None, None, None]) -> bool:
        if len(self._tasks) >= MOST_UNDER_WAY:
            logger.warning("a webhook was not sent: too many are under way")
            work.close()
            return False
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _checked(
        self, resource: str, wait: float, check: Callable[[], Awaitable[None]]
    ) -> None:
        try:
            await self._sleep(wait)
        finally:
            self._waiting -= 1
        try:
            if await self._store.endpoints(resource):
                await check()
        except ApiError as error:
            logger.warning("a webhook was not sent: %s", error.message)

    def _owed_to(self, resource: str, endpoint: Endpoint, ended: Ended) -> Owed:
        return Owed(resource=resource, endpoint=endpoint.id, ended=ended, due=self._now())

    async def _deliver(self, owed: Owed) -> None:
        """Deliver an event, which outlives this instance from here on."""
        with self._reporting():
            await self._owed.add(owed)
            await self._pursue(owed.name, 0.0)

    async def _resume_owed(self) -> None:
        """Go on with what is owed and not pursued here, as far as there is room."""
        with self._reporting():
            names = await self._owed.names(MOST_REPEATED)
            found = [name for name in names if name not in self._pursued]
            for name in found[: MOST_REPEATED - self._repeated]:
                self._begin(self._resumed(name))

    async def _resumed(self, name: str) -> None:
        with self._reporting():
            await self._pursue(name, _GRACE)

    @contextlib.contextmanager
    def _reporting(self) -> Generator[None]:
        """Log that the container failed; what is owed stays there for the next time."""
        try:
            yield
        except ApiError as error:
            logger.warning("a webhook was not sent: %s", error.message)

    async def _pursue(self, name: str, grace: float) -> None:
        """Try what is owed again and again, whenever it is due and nobody else does, until it is accepted
        or given up; `grace` is how long that is left to others."""
        if name in self._pursued:
            return
        self._pursued.add(name)
        try:
            while (owed := await self._owed.find(name)) is not None:
                wait = owed.due - self._now()
                if wait > _EARLY:
                    await self._slept(wait + grace)
                elif taken := await self._owed.take(name, self._now() + _EARLY, self._now()):
                    await self._try(taken)
        finally:
            self._pursued.discard(name)

    async def _try(self, taken: Owed) -> None:
        """Try a delivery once, and leave in the container what there is to do then."""
        endpoint = await self._store.find(taken.resource, taken.endpoint)
        if endpoint is None or await self._accepted(endpoint, event_of(taken.ended)):
            await self._owed.settle(taken.name)
        elif self._is_over(taken):
            logger.warning("the webhook %s is not sent again", taken.endpoint)
            await self._owed.settle(taken.name)
        else:
            await self._owed.postpone(taken, self._now() + WAITS[taken.tried - 1])

    def _is_over(self, taken: Owed) -> bool:
        """Return True if there is nothing more to try, or no room to wait for it."""
        late = self._now() - taken.ended.moment > LONGEST_OWED
        return late or taken.tried > len(WAITS) or self._repeated >= MOST_REPEATED

    async def _slept(self, wait: float) -> None:
        self._repeated += 1
        try:
            await self._sleep(wait)
        finally:
            self._repeated -= 1

    async def _accepted(self, endpoint: Endpoint, event: Event) -> bool:
        """Return True if the endpoint has taken the event."""
        try:
            status = await self._posted(endpoint, event)
        except (ApiError, OSError, TimeoutError) as error:
            logger.warning("the webhook %s failed: %s", endpoint.id, type(error).__name__)
            return False
        if not 200 <= status < 300:
            logger.warning("the webhook %s was answered with %d", endpoint.id, status)
            return False
        return True

    async def _posted(self, endpoint: Endpoint, event: Event) -> int:
        now = self._now()
        headers = signed_headers(event, endpoint.secrets(now), now)
        destination = await self.resolver.resolved(endpoint.url)
        return await self._send(destination, headers, event.body)
