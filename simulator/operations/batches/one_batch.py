"""The operations on one batch: get it, cancel it."""

from simulator.errors import ItemNotFound, StateConflict
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Operation, P, Target
from simulator.operations.batches.course import course_of
from simulator.operations.batches.ending import BatchEndings
from simulator.operations.batches.output import Outputs
from simulator.operations.batches.quota import EnqueuedTokens
from simulator.operations.batches.store import BatchStore, StoredBatch
from simulator.operations.batches.versions import check_dated
from simulator.operations.batches.wire import shown
from simulator.operations.files.base import FILE_TYPE
from simulator.operations.resources import Resources
from simulator.operations.routes import Route, resource_routes

_ONE = "batches/{batch_id}"


def _routes(method: str, below: str = "") -> tuple[Route, Route]:
    return resource_routes(method, f"{_ONE}{below}")


class BatchOperation(Operation[P]):
    """An operation on batches that are there."""

    stateful = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._store = BatchStore(resources.container)
        self._outputs = Outputs(resources, self._store)
        self._endings = BatchEndings(resources)


class _OneBatch(BatchOperation[None]):
    def parse(self, target: Target) -> None:
        check_dated(target.api_version)

    async def _find(self, call: Call[None]) -> StoredBatch:
        identifier = call.path_parameters["batch_id"]
        batch = await self._store.find(call.request.resource, identifier)
        if batch is None:
            raise missing_batch(identifier)
        return batch


def missing_batch(identifier: str) -> ItemNotFound:
    """The words are those of OpenAI's API."""
    return ItemNotFound(f"No batch found with id '{identifier[:200]}'.", param="batch_id")


class RetrieveBatch(_OneBatch):
    name = "batches_retrieve"
    routes = _routes("GET")

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        batch, resource = await self._find(call), call.request.resource
        work = await self._outputs.of(resource, batch)
        await self._endings.seen(resource, (batch, work))
        body = indented(shown(batch, work, self._resources.now()))
        return Answer.plain(body, content_type=FILE_TYPE)


class CancelBatch(_OneBatch):
    name = "batches_cancel"
    routes = _routes("POST", "/cancel")

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        batch, now = await self._find(call), self._resources.now()
        resource = call.request.resource
        work, _ = await self._store.work(resource, batch.id)
        if batch.cancelled is None:
            status = course_of(batch).status(now, work)
            if status not in ("validating", "in_progress"):
                raise StateConflict(f"Cannot cancel a batch with status '{status}'.")
            batch = await self._store.cancel(resource, batch.id, now) or await self._find(call)
            await EnqueuedTokens(self._store).free(resource, batch, now)
            self._endings.expect(resource, batch)
        return Answer.plain(indented(shown(batch, work, now)), content_type=FILE_TYPE)
