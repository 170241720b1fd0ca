"""`GET /++/metrics`: all metrics, for Prometheus."""

import asyncio

from simulator.errors import InvalidRequest
from simulator.management.base import BareManagementOperation, own_routes
from simulator.messages import Answer
from simulator.operations.base import Call

TEXT = "text/plain; version=0.0.4; charset=utf-8"


class MetricsOff(InvalidRequest):
    """Raised where metrics are off: they cost every request a little, so Prometheus has to be
    enabled.
    """

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "No metrics are collected for Prometheus. Set METRICS_PROMETHEUS=true and restart the "
            "simulator.",
            code="metrics_off",
        )


class Metrics(BareManagementOperation):
    name = "metrics"
    routes = own_routes("GET", "metrics")

    async def answer(self, call: Call[None]) -> Answer:
        del call
        if self._control.scrape is None:
            raise MetricsOff
        return Answer.plain(await asyncio.to_thread(self._control.scrape), content_type=TEXT)
