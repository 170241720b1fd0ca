"""`/++/requests`: the newest requests, one of them, and forgetting them."""

import msgspec

from simulator.concurrency import off_loop
from simulator.errors import ItemNotFound
from simulator.journal.entry import shown
from simulator.journal.journal import COST_OF_ENTRY, Filter
from simulator.management.base import BareManagementOperation, own_routes
from simulator.management.query import check_names, choice, iso, moment, one_of, whole
from simulator.management.sending_again import as_curl, as_python
from simulator.messages import Answer
from simulator.operations.base import Call
from simulator.wire.origin import origin_of

_encode = msgspec.json.Encoder().encode
_FILTERS = frozenset(
    {"resource", "deployment", "status", "operation", "since", "after", "limit", "bodies"}
)
DEFAULT_LIMIT, MOST = 100, 1_000


class Requests(BareManagementOperation):
    name = "requests"
    routes = own_routes("GET", "requests")

    async def answer(self, call: Call[None]) -> Answer:
        request = call.request
        check_names(request, _FILTERS)
        limit = whole(request, "limit", default=DEFAULT_LIMIT, least=1, most=MOST)
        wanted = Filter(
            resource=request.query.get("resource"),
            deployment=request.query.get("deployment"),
            status=whole(request, "status", default=None, least=100, most=599),
            operation=one_of(request, "operation", self._control.rules.operations),
            since=moment(request, "since"),
        )
        after = request.query.get("after") or None
        bodies = choice(request, "bodies", ("true", "false")) == "true"
        page = await self._control.journal.page(
            wanted, limit=limit or DEFAULT_LIMIT, after=after, bodies=bodies
        )

        def write() -> bytes:
            rows = [shown(entry, iso(entry.time), bodies=bodies) for entry in page.entries]
            return _encode({"requests": rows, "next": page.next})

        return Answer.plain(await off_loop(len(page.entries) * COST_OF_ENTRY, write))


class OneRequest(BareManagementOperation):
    name = "one_request"
    routes = own_routes("GET", "requests/{request_id}")

    async def answer(self, call: Call[None]) -> Answer:
        check_names(call.request, frozenset({"as"}))
        form = choice(call.request, "as", ("json", "curl", "python"))
        wanted = call.path_parameters["request_id"]
        entry = await self._control.journal.find(wanted)
        if entry is None:
            raise ItemNotFound(
                f"No request with id '{wanted[:64]}' is in the journal.", code="not_found"
            )
        if form == "json":
            return Answer.plain(_encode(shown(entry, iso(entry.time))))
        write = as_curl if form == "curl" else as_python
        text = write(entry, origin_of(call.request.headers))
        return Answer.plain(text.encode(), content_type="text/plain; charset=utf-8")


class ForgetRequests(BareManagementOperation):
    name = "forget_requests"
    routes = own_routes("DELETE", "requests")

    async def answer(self, call: Call[None]) -> Answer:
        check_names(call.request)
        await self._control.resets["journal"]()
        return Answer.plain(_encode({"requests": [], "next": None}))
