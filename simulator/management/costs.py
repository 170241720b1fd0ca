"""`GET /++/costs`: what the requests would have cost on Azure."""

import msgspec

from simulator.catalogue.models import all_models, other_models
from simulator.concurrency import off_loop
from simulator.journal.costs import as_csv, costs_of
from simulator.journal.entry import Group
from simulator.journal.journal import COST_OF_ENTRY
from simulator.journal.minutes import Count
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
        others, seen = await self._others(since), await control.journal.gathered(since)
        size = COST_OF_ENTRY * (seen.length + seen.minutes.length + len(others))
        costs = await off_loop(size, lambda: costs_of(seen, control.prices, models, since, others))
        if form == "csv":
            return Answer.plain(as_csv(costs).encode(), content_type="text/csv; charset=utf-8")
        return Answer.plain(msgspec.json.encode(costs))

    async def _others(self, since: float | None) -> list[tuple[int, Group, Count]]:
        """The counters of workers beside this one, and of other instances as they were stored."""
        siblings, roll_ups = await self._control.journal.counters(since), self._control.roll_ups
        known = [one.instance for one in siblings if one.instance]
        stored = await roll_ups.others(since, known) if roll_ups else []
        rows = (row for one in siblings for row in one.rows)
        return [*((row.minute, row.group, row.count) for row in rows), *stored]
