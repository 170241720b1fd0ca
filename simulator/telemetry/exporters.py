"""Telemetry that leaves the process: OpenTelemetry's SDK and the exporters that the settings
enable.

Imported only where one of them is enabled, and each exporter only where it is: the SDK costs a
start 0.2 s, and the Azure Monitor exporter 0.8 s. OpenTelemetry's global providers stay unset, for
the storage SDK would write spans of its own to them.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable
from socket import gethostname
from urllib.parse import urlsplit

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, MetricReader
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader as Periodic
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from simulator import __version__
from simulator.configuration.settings import SettingError, Settings
from simulator.journal.journal import Journal
from simulator.telemetry.deployment_labels import Names
from simulator.telemetry.instruments import Instruments
from simulator.telemetry.journal_bodies import JournalBodies
from simulator.telemetry.observer import Telemetry
from simulator.telemetry.request_log import RequestLog
from simulator.telemetry.spans import Spans

logger = logging.getLogger(__name__)

_NAME = "simulator"
_GRPC_PORT = 4317
Scrape = Callable[[], bytes]
Exporters = tuple[SpanExporter, MetricExporter]


def create_exporting(
    settings: Settings,
    log: RequestLog,
    deployments: Iterable[str],
    now: Callable[[], float],
    journal: Journal | None = None,
    bodies: JournalBodies | None = None,
) -> Telemetry:
    """Telemetry with metrics, and traces where an exporter takes them; raises `SettingError`."""
    resource = _resource(settings.service_name)
    tracing = TracerProvider(resource=resource)
    exporters = _exporters(settings, tracing)
    interval = settings.metric_export_interval
    readers: list[MetricReader] = [Periodic(metrics, interval) for _, metrics in exporters]
    reader, scrape = _prometheus() if settings.metrics_prometheus else (None, None)
    if reader is not None:
        readers.append(reader)
    meter = MeterProvider(readers, resource).get_meter(_NAME, __version__)
    spans = Spans(tracing.get_tracer(_NAME, __version__), time.time) if exporters else None
    return Telemetry(
        log,
        time.monotonic,
        now,
        Instruments(meter, Names(deployments)),
        spans=spans,
        scrape=scrape,
        journal=journal,
        bodies=bodies,
    )


def _exporters(settings: Settings, tracing: TracerProvider) -> list[Exporters]:
    """The exporters that the settings name, which get the spans of `tracing`."""
    exporters = [
        *otlp_exporters(settings.otlp_endpoint),
        *_azure_monitor(settings.application_insights, tracing),
    ]
    for spans_to, _ in exporters:
        tracing.add_span_processor(BatchSpanProcessor(spans_to))
    return exporters


def _resource(service: str) -> Resource:
    """Return the attributes by which receivers tell services and their processes apart."""
    return Resource.create(
        {
            "service.name": service,
            "service.version": __version__,
            "service.instance.id": f"{gethostname()}-{os.getpid()}",
        }
    )


def otlp_exporters(endpoint: str) -> list[Exporters]:
    """Over HTTP. Its other settings, as for headers, the exporters read from the environment."""
    if not endpoint:
        return []
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    address = endpoint.rstrip("/")
    try:
        port = urlsplit(address).port
    except ValueError as error:
        raise SettingError("OTEL_EXPORTER_OTLP_ENDPOINT", repr(endpoint), str(error)) from None
    if port == _GRPC_PORT:
        logger.warning(
            "OTEL_EXPORTER_OTLP_ENDPOINT=%s names the port for gRPC; telemetry is sent over HTTP, "
            "which receivers take on port 4318",
            address,
        )
    spans_to = OTLPSpanExporter(endpoint=f"{address}/v1/traces")
    return [(spans_to, OTLPMetricExporter(endpoint=f"{address}/v1/metrics"))]


def _azure_monitor(connection: str, tracing: TracerProvider) -> list[Exporters]:
    if not connection:
        return []
    from azure.monitor.opentelemetry.exporter import (
        AzureMonitorMetricExporter,
        AzureMonitorTraceExporter,
    )

    try:
        spans_to = AzureMonitorTraceExporter(connection_string=connection, tracer_provider=tracing)
        return [(spans_to, AzureMonitorMetricExporter(connection_string=connection))]
    except ValueError:
        # The exporter's own text repeats the value.
        allowed = "the connection string of an Application Insights resource"
        raise SettingError("APPLICATIONINSIGHTS_CONNECTION_STRING", "***", allowed) from None


def _prometheus() -> tuple[MetricReader, Scrape]:
    from opentelemetry.exporter.prometheus import PrometheusMetricReader
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    reader = PrometheusMetricReader(scope_info_enabled=False, registry=registry)
    return reader, lambda: generate_latest(registry)
