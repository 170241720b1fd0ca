"""`GET /++/limits`: how much of their limits deployments have used."""

import asyncio
from collections.abc import Sequence

import msgspec

from simulator.catalogue.deployments import Deployment
from simulator.limits.admission import Used
from simulator.management.base import BareManagementOperation, own_routes
from simulator.management.query import check_names, choice
from simulator.messages import Answer
from simulator.operations.base import Call

MOST = 1_000
"""Deployments in one answer."""


class ShowLimits(BareManagementOperation):
    name = "limits"
    routes = own_routes("GET", "limits")

    async def answer(self, call: Call[None]) -> Answer:
        """Answer for the deployments that `deployment` names (separated by commas), else for all; with
        `unlimited=true` also for those without limits."""
        check_names(call.request, frozenset({"deployment", "unlimited"}))
        known = self._control.deployments()
        names = call.request.query.get("deployment")
        every = choice(call.request, "unlimited", ("false", "true")) == "true"
        chosen = [one for one in _chosen(known, names) if every or one.limited][:MOST]
        used = await asyncio.gather(*map(self._control.limits.used, chosen))
        rows = [_row(*pair) for pair in zip(chosen, used, strict=True)]
        return Answer.plain(msgspec.json.encode({"limits": rows}))


def _chosen(known: Sequence[Deployment], names: str | None) -> list[Deployment]:
    wanted = None if names is None else set(names.split(","))
    found = [one for one in known if wanted is None or one.name in wanted]
    return sorted(found, key=lambda one: (one.resource, one.name))


def _row(deployment: Deployment, used: Used) -> dict[str, object]:
    """The members of limits that the deployment does not have are absent."""
    row: dict[str, object] = {"deployment": deployment.name, "model": deployment.model.name}
    if deployment.resource:
        row["resource"] = deployment.resource
    if used.utilization is not None:
        return row | {"ptu": deployment.ptu, "utilization": used.utilization}
    for name, count, limit in (
        ("tokens", used.tokens, deployment.tokens_per_minute),
        ("requests", used.requests, deployment.requests_per_minute),
    ):
        if limit is not None:
            row[name] = {"used": count, "limit": limit}
    return row
