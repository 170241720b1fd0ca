"""The end of a response in the background: webhooks hear of it once, from whoever sees it."""

from simulator.operations.resources import Resources
from simulator.operations.responses.lifecycle import body_at, under_way
from simulator.operations.responses.store import ResponseStore, StoredResponse
from simulator.operations.webhooks.signing import Ended


class Endings:
    """Has webhooks sent when a response in the background has ended."""

    def __init__(self, resources: Resources) -> None:
        self._store = ResponseStore(resources.container, resources.now)
        self._webhooks = resources.webhooks
        self._now = resources.now

    def expect(self, stored: StoredResponse) -> None:
        """Check a response again when it is to be done."""
        if stored.background and self._webhooks is not None:
            self._webhooks.expect(
                stored.resource, stored.finished, lambda: self._check(stored.id, stored.resource)
            )

    async def seen(self, stored: StoredResponse) -> None:
        """Send the event of a response that has ended, unless it has been sent."""
        now = self._now()
        if self._webhooks is None or not stored.background or under_way(stored, now):
            return
        moment = stored.finished if stored.cancelled is None else stored.cancelled
        kind = f"response.{body_at(stored, now)['status']}"
        await self._webhooks.passed(stored.resource, Ended(kind, stored.id, moment))

    async def _check(self, identifier: str, resource: str) -> None:
        stored = await self._store.find(identifier, resource)
        if stored is not None:
            await self.seen(stored)
