"""`GET /++/costs`: what the requests would have cost on Azure."""

import msgspec

from simulator.catalogue.models import all_models, other_models
from simulator.concurrency import off_loop
from simulator.journal.costs import as_csv, costs_of
from simulator.journal.journal import COST_OF_ENTRY
from simulator.management.base import BareManagementOperation, own_routes
from simulator.management.query import check_names, choice, moment
from simulator.messages import Answer
from simulator.operations.base import Call


class ShowCosts(BareManagementOperation):
    name = "costs"
    routes = own_routes("GET", "costs")

    async def answer(self, call: Call[None]) -> Answer:
        check_names(call.request, frozenset({"since", "format"}))
        form = choice(call.request, "format", ("json", "csv"))
        models = {model.name: model for model in (*all_models(), *other_models())}
        control = self._control
        since = moment(call.request, "since")
        counted = control.roll_ups.others if control.roll_ups else control.journal.counters
        others, seen = await counted(since), await control.journal.gathered(since)
        size = COST_OF_ENTRY * (seen.length + seen.minutes.length + len(others))
        costs = await off_loop(size, lambda: costs_of(seen, control.prices, models, since, others))
        if form == "csv":
            return Answer.plain(as_csv(costs).encode(), content_type="text/csv; charset=utf-8")
        return Answer.plain(msgspec.json.encode(costs))
