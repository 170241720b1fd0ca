"""The end of a batch: webhooks hear of it once, from whoever sees it."""

from simulator.operations.batches.course import course_of
from simulator.operations.batches.output import Outputs
from simulator.operations.batches.store import BatchStore, StoredBatch, Work
from simulator.operations.resources import Resources
from simulator.operations.webhooks.signing import Ended

# Seconds after which the work on an output goes on that was not made at once.
_AGAIN = 1.0


class BatchEndings:
    """Has webhooks sent when a batch has ended."""

    def __init__(self, resources: Resources) -> None:
        self._store = BatchStore(resources.container)
        self._outputs = Outputs(resources, self._store)
        self._webhooks = resources.webhooks
        self._now = resources.now

    def expect(self, resource: str, batch: StoredBatch) -> None:
        """Check a batch when it is to be over."""
        self._expect(resource, batch.id, course_of(batch).ended)

    async def seen(self, resource: str, *found: tuple[StoredBatch, Work]) -> None:
        """Send the event of each batch that has ended, unless it has been sent."""
        now = self._now()
        ends = [end for batch, work in found if (end := _end_of(batch, work, now))]
        if ends and self._webhooks is not None:
            await self._webhooks.passed(resource, *ends)

    def _expect(self, resource: str, identifier: str, moment: float) -> None:
        if self._webhooks is not None:
            self._webhooks.expect(resource, moment, lambda: self._check(resource, identifier))

    async def _check(self, resource: str, identifier: str) -> None:
        batch = await self._store.find(resource, identifier)
        if batch is None:
            return
        work = await self._outputs.of(resource, batch)
        await self.seen(resource, (batch, work))
        now = self._now()
        if _end_of(batch, work, now) is None:
            self._expect(resource, identifier, now + _AGAIN)


def _end_of(batch: StoredBatch, work: Work, now: float) -> Ended | None:
    """The end that a batch has come to; None while it is under way."""
    course = course_of(batch)
    status = course.status(now, work)
    if status == "failed":
        return Ended("batch.failed", batch.id, course.due)
    return Ended(f"batch.{status}", batch.id, course.ended) if status == course.final else None
