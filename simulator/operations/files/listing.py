"""`GET …/files`: the files of a resource, page by page."""

from dataclasses import dataclass

from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.files.base import FILE_TYPE, FileOperation
from simulator.operations.files.store import StoredFile
from simulator.operations.files.upload import check_purpose
from simulator.operations.paging import after, is_descending, limit_of, page_body
from simulator.operations.routes import resource_routes

_MOST = 10_000
_LISTED = ("", "assistants_output", "batch_output", "fine-tune-results")
"""The purposes to list beside those of uploads: any, and those of files that the service made."""


@dataclass(frozen=True, slots=True)
class FilePage:
    """The selection of files to list: at most `limit` after the one of an id, of one purpose or of all."""

    limit: int
    descending: bool
    after: str
    purpose: str


class ListFiles(FileOperation[FilePage]):
    name = "files_list"
    routes = resource_routes("GET", "files")

    def parse(self, target: Target) -> FilePage:
        query = target.request.query
        descending = is_descending(query, default="desc")
        limit = limit_of(query, default=_MOST, most=_MOST)
        purpose = query.get("purpose", "")
        if purpose not in _LISTED:
            check_purpose(purpose)
        return FilePage(limit, descending, query.get("after", ""), purpose)

    async def generate(self, call: Call[FilePage], tempo: Tempo) -> Answer:
        del tempo
        page, resource = call.parsed, call.request.resource
        ids = await self._store.ids(resource)
        ids = after(ids, page.after, descending=page.descending)
        shown: list[StoredFile] = []
        read = 0
        async for stored in self._store.each(resource, ids):
            fits = stored is not None and page.purpose in ("", stored.purpose)
            if fits and len(shown) == page.limit:
                break
            read += 1
            if stored is not None and fits:
                shown.append(stored)
        body = page_body([stored.shown() for stored in shown], more=read < len(ids))
        return Answer.plain(body, content_type=FILE_TYPE)
