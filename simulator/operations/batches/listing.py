"""`GET …/batches`: the batches of a resource, page by page."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.batches.filters import Term, descending, terms_of
from simulator.operations.batches.one_batch import BatchOperation
from simulator.operations.batches.output import SECONDS
from simulator.operations.batches.store import StoredBatch, Work
from simulator.operations.batches.versions import check_dated, has_filters
from simulator.operations.batches.wire import shown
from simulator.operations.files.base import FILE_TYPE
from simulator.operations.paging import after, limit_of, page_body
from simulator.operations.routes import resource_routes
from simulator.storage.several import several

_LIMIT, _MOST = 20, 100


@dataclass(frozen=True, slots=True)
class BatchPage:
    """The selection of batches to list: at most `limit` after the one of an id, of which all terms hold."""

    limit: int
    after: str
    terms: tuple[Term, ...] = ()
    descending: bool = True


class ListBatches(BatchOperation[BatchPage]):
    name = "batches_list"
    routes = resource_routes("GET", "batches")

    def parse(self, target: Target) -> BatchPage:
        check_dated(target.api_version)
        query = target.request.query
        limit, mark = limit_of(query, default=_LIMIT, most=_MOST), query.get("after", "")
        if not has_filters(target.api_version):
            return BatchPage(limit, mark)
        terms, order = terms_of(query.get("$filter", "")), query.get("$orderby", "")
        return BatchPage(limit, mark, terms, descending(order))

    async def generate(self, call: Call[BatchPage], tempo: Tempo) -> Answer:
        del tempo
        page, resource = call.parsed, call.request.resource
        batches: list[dict[str, object]] = []
        seen: list[tuple[StoredBatch, Work]] = []
        ids = after(await self._store.ids(resource), page.after, descending=page.descending)
        read = 0
        async for found in self._each(resource, page, ids):
            if found is not None and len(batches) == page.limit:
                break
            read += 1
            if found is not None:
                batch, work, as_shown = found
                batches.append(as_shown)
                seen.append((batch, work))
        await self._endings.seen(resource, *seen)
        body = page_body(batches, more=read < len(ids))
        return Answer.plain(body, content_type=FILE_TYPE)

    def _each(
        self, resource: str, page: BatchPage, ids: Sequence[str]
    ) -> AsyncIterator[tuple[StoredBatch, Work, dict[str, object]] | None]:
        """The batch of each id with what is shown of it, None for one that the page leaves out; fewer if
        that takes too long."""
        until = self._resources.clock() + SECONDS

        async def one(identifier: str) -> tuple[StoredBatch, Work, dict[str, object]] | None:
            batch = await self._store.find(resource, identifier)
            if batch is None or not all(term.may_hold(batch.created) for term in page.terms):
                return None
            work = await self._outputs.of(resource, batch, until)
            found = shown(batch, work, self._resources.now())
            return (batch, work, found) if all(term.holds(found) for term in page.terms) else None

        return several(ids, one)
