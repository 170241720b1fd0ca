"""`GET /++/verdict`: what the journal says of the clients."""

import msgspec

from simulator.concurrency import off_loop
from simulator.journal.journal import COST_OF_ENTRY
from simulator.journal.verdict import as_junit, as_text, verdict_of
from simulator.management.base import BareManagementOperation, own_routes
from simulator.management.query import check_names, choice, moment
from simulator.messages import Answer
from simulator.operations.base import Call


class ShowVerdict(BareManagementOperation):
    name = "verdict"
    routes = own_routes("GET", "verdict")

    async def answer(self, call: Call[None]) -> Answer:
        check_names(call.request, frozenset({"since", "format"}))
        form = choice(call.request, "format", ("json", "text", "junit"))
        since = moment(call.request, "since")
        seen = await self._control.journal.gathered(since)
        verdict = await off_loop(
            seen.length * COST_OF_ENTRY, lambda: verdict_of(seen, since, self._control.prices)
        )
        if form == "text":
            return Answer.plain(as_text(verdict).encode(), content_type="text/plain; charset=utf-8")
        if form == "junit":
            return Answer.plain(as_junit(verdict), content_type="application/xml")
        return Answer.plain(msgspec.json.encode(verdict))
