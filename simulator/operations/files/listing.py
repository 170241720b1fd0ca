"""`GET …/files`: the files of a resource, page by page."""

from dataclasses import dataclass

from simulator.errors import InvalidRequest
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.files.base import FileOperation
from simulator.operations.files.store import StoredFile
from simulator.operations.routes import Route

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class FilePage:
    """Which files to list: at most `limit` after the one of an id, of one purpose or of all."""

    limit: int
    descending: bool
    after: str
    purpose: str


class ListFiles(FileOperation[FilePage]):
    name = "files_list"
    routes = (Route("GET", "openai/files"), Route("GET", "openai/v1/files"))

    def parse(self, target: Target) -> FilePage:
        query = target.request.query
        order = query.get("order", "desc")
        if order not in ("asc", "desc"):
            raise InvalidRequest(
                f"Invalid value: '{order[:100]}'. Supported values are: 'asc' and 'desc'.",
                param="order",
                code="invalid_value",
            )
        limit = _limit(query.get("limit", str(_MOST)))
        return FilePage(limit, order == "desc", query.get("after", ""), query.get("purpose", ""))

    async def generate(self, call: Call[FilePage], tempo: Tempo) -> Answer:
        del tempo
        page, resource = call.parsed, call.request.resource
        ids = await self._store.ids(resource)
        if page.after:
            # An id is a moment, so a page goes on where it was even if its last file is gone.
            ids = [
                one for one in ids if (one < page.after if page.descending else one > page.after)
            ]
        shown: list[StoredFile] = []
        more = False
        async for stored in self._store.each(resource, ids[::-1] if page.descending else ids):
            if page.purpose and stored.purpose != page.purpose:
                continue
            if len(shown) == page.limit:
                more = True
                break
            shown.append(stored)
        return Answer.plain(
            indented(
                {
                    "object": "list",
                    "data": [stored.shown() for stored in shown],
                    "first_id": shown[0].id if shown else None,
                    "last_id": shown[-1].id if shown else None,
                    "has_more": more,
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
