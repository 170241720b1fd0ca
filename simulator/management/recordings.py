"""`/++/recordings`: which routes have recordings, those of one route, and one of them as it is stored."""

import dataclasses
from typing import Any

import msgspec

from simulator.errors import ItemNotFound, Unavailable, unreadable_recordings
from simulator.management.base import BareManagementOperation, own_routes
from simulator.management.query import check_names, whole
from simulator.messages import Answer
from simulator.operations.base import Call
from simulator.recordings import listing, names
from simulator.storage.container import StorageError

MOST_COUNTED = 10_000
"""Recordings that are counted for the list of routes."""
DEFAULT_LIMIT, MOST = 50, 200

_encode = msgspec.json.Encoder().encode


class ShowRecordings(BareManagementOperation):
    name = "recordings"
    routes = own_routes("GET", "recordings")

    async def answer(self, call: Call[None]) -> Answer:
        """Answer with the routes; with `route`, with a page of its recordings."""
        check_names(call.request, frozenset({"route", "after", "limit"}))
        query = call.request.query
        limit = whole(call.request, "limit", default=DEFAULT_LIMIT, least=1, most=MOST)
        try:
            if "route" not in query:
                return Answer.plain(_encode(await self._routes()))
            document = await self._page(
                query["route"], query.get("after", ""), limit or DEFAULT_LIMIT
            )
        except StorageError as error:
            raise unreadable_recordings(error) from error
        return Answer.plain(_encode(document))

    async def _routes(self) -> dict[str, Any]:
        found, whole_list = await listing.routes(self._control.recordings, MOST_COUNTED)
        routes = [{"route": route, "recordings": count} for route, count in sorted(found.items())]
        return {"routes": routes, "whole": whole_list}

    async def _page(self, route: str, after: str, limit: int) -> dict[str, Any]:
        container = self._control.recordings
        found, more = await listing.page(container, route, after, limit)
        folder = route.rstrip("/")
        entries = [
            {"name": f"{folder}/{row.recording}.json", **dataclasses.asdict(row)}
            async for row in listing.rows_of(container, found)
        ]
        return {"recordings": entries, "next": found[-1] if more else None}


class OneRecording(BareManagementOperation):
    name = "one_recording"
    routes = own_routes("GET", "recordings/{*recording}")

    async def answer(self, call: Call[None]) -> Answer:
        """Answer with the document as it is stored, where secrets are masked."""
        name = call.path_parameters["recording"]
        blob = None
        if names.is_recording(name):
            try:
                blob = await self._control.recordings.get(name)
            except StorageError as error:
                raise Unavailable(f"The recording cannot be read: {error}") from error
        if blob is None:
            raise ItemNotFound(f"There is no recording '{name[:200]}'.", code="not_found")
        return Answer.plain(blob.data)
