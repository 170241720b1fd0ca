"""Instruments whose metrics can be read, and requests that go past them."""

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from simulator.telemetry.deployment_labels import Names
from simulator.telemetry.instruments import Instruments


class Metrics:
    """Metrics in memory."""

    def __init__(self):
        self._reader = InMemoryMetricReader()
        provider = MeterProvider([self._reader], shutdown_on_exit=False)
        self.instruments = Instruments(provider.get_meter("tests"), Names(most=3))

    def read(self):
        """Metrics by name; each is a list of attributes and of the value, or of count and sum."""
        data = self._reader.get_metrics_data()
        if data is None:
            return {}
        return {
            metric.name: [
                (dict(point.attributes or {}), _value(point)) for point in metric.data.data_points
            ]
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


def _value(point):
    return point.value if hasattr(point, "value") else (point.count, pytest.approx(point.sum))


@pytest.fixture
def metrics():
    return Metrics()
