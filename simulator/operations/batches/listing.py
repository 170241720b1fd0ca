"""`GET …/batches`: the batches of a resource, page by page."""

from dataclasses import dataclass

from simulator.errors import InvalidRequest
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.batches.one_batch import BatchOperation
from simulator.operations.batches.versions import check_dated
from simulator.operations.routes import Route

_LIMIT, _MOST = 20, 100


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Which batches to list: at most `limit` after the one of an id, the newest first."""

    limit: int
    after: str


class ListBatches(BatchOperation[BatchPage]):
    name = "batches_list"
    routes = (Route("GET", "openai/batches"), Route("GET", "openai/v1/batches"))

    def parse(self, target: Target) -> BatchPage:
        check_dated(target.api_version)
        query = target.request.query
        return BatchPage(_limit(query.get("limit", str(_LIMIT))), query.get("after", ""))

    async def generate(self, call: Call[BatchPage], tempo: Tempo) -> Answer:
        del tempo
        page, resource = call.parsed, call.request.resource
        ids = (await self._store.ids(resource))[::-1]
        if page.after:
            # An id is a moment, so a page goes on where it was even if its last batch is gone.
            ids = [one for one in ids if one < page.after]
        batches: list[dict[str, object]] = []
        for identifier in ids[: page.limit]:
            batch = await self._store.find(resource, identifier)
            if batch is not None:
                batches.append(await self._shown(resource, batch))
        return Answer.plain(
            indented(
                {
                    "object": "list",
                    "data": batches,
                    "first_id": batches[0]["id"] if batches else None,
                    "last_id": batches[-1]["id"] if batches else None,
                    "has_more": len(ids) > page.limit,
                }
            )
        )


def _limit(text: str) -> int:
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if not 1 <= limit <= _MOST:
        raise InvalidRequest(
            f"Invalid 'limit': expected an integer from 1 to {_MOST}.",
            param="limit",
            code="invalid_value",
        )
    return limit
