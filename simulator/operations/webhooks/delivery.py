"""The delivery of events: each sent once, by whoever sees the moment pass."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence

from simulator.errors import ApiError
from simulator.operations.webhooks.destination import Destination, Network, resolved
from simulator.operations.webhooks.signing import event_of, signed_headers
from simulator.operations.webhooks.store import Endpoint, WebhookStore

logger = logging.getLogger(__name__)

Send = Callable[[Destination, Mapping[str, str], bytes], Awaitable[int]]
"""Posts bytes to a destination at the addresses it has been resolved to, follows no redirect, and returns
the status; raises OSError or TimeoutError."""

MOST_WAITED_FOR = 1_000
"""Moments that an instance waits for; of those beyond, whoever asks for the response sends the event."""
MOST_UNDER_WAY = 5_000
"""Moments that are waited for and deliveries, of an instance; what is beyond is not sent."""
LONGEST_WAIT = 3_600.0
"""Seconds that a moment is waited for."""
# Seconds by which a moment has surely passed, however the clocks are rounded.
_AFTER = 0.1


class Webhooks:
    """Sends events of one app to the endpoints of a resource that want them."""

    def __init__(
        self,
        store: WebhookStore,
        send: Send,
        allowed: Sequence[Network],
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._send = send
        self._now = now
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()
        self.allowed = allowed

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

    def expect(self, resource: str, moment: float, look: Callable[[], Awaitable[None]]) -> None:
        """Look after a moment whether there is something to send, if this instance lives until then."""
        wait = moment - self._now() + _AFTER
        if wait <= LONGEST_WAIT and len(self._tasks) < MOST_WAITED_FOR:
            self._begin(self._looked(resource, wait, look))

    async def passed(self, resource: str, kind: str, identifier: str, moment: float) -> None:
        """Send an event about something of an id, unless it has been sent."""
        wanted = [one for one in await self._store.endpoints(resource) if kind in one.event_types]
        event = event_of(kind, identifier, moment)
        if wanted and await self._store.claim(event.id, moment):
            for endpoint in wanted:
                self._begin(self._deliver(endpoint, kind, identifier, moment))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        if len(self._tasks) >= MOST_UNDER_WAY:
            logger.warning("a webhook was not sent: too many are under way")
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _looked(
        self, resource: str, wait: float, look: Callable[[], Awaitable[None]]
    ) -> None:
        try:
            if await self._store.endpoints(resource):
                await self._sleep(wait)
                await look()
        except ApiError as error:
            logger.warning("a webhook was not sent: %s", error.message)

    async def _deliver(self, endpoint: Endpoint, kind: str, identifier: str, moment: float) -> None:
        event = event_of(kind, identifier, moment)
        headers = signed_headers(event, endpoint.secret, self._now())
        try:
            destination = await resolved(endpoint.url, self.allowed)
            status = await self._send(destination, headers, event.body)
        except (ApiError, OSError, TimeoutError) as error:
            logger.warning("the webhook %s failed: %s", endpoint.id, type(error).__name__)
            return
        if not 200 <= status < 300:
            logger.warning("the webhook %s was answered with %d", endpoint.id, status)
