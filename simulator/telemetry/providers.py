"""Telemetry that leaves the process: OpenTelemetry's SDK and the exporters that the settings ask for.

Imported only where one of them is asked for, and each exporter only where it is: the SDK costs a start
0.2 s, and the Azure Monitor exporter 0.8 s. OpenTelemetry's global providers stay unset, for FastAPI
and the storage SDK would write spans of their own to them.
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
from simulator.settings import SettingError, Settings
from simulator.telemetry.instruments import Instruments
from simulator.telemetry.names import Names
from simulator.telemetry.observer import Telemetry
from simulator.telemetry.request_log import RequestLog
from simulator.telemetry.spans import Spans

logger = logging.getLogger(__name__)

_NAME = "simulator"
_GRPC_PORT = 4317
Scrape = Callable[[], bytes]


def create_exporting(settings: Settings, log: RequestLog, deployments: Iterable[str]) -> Telemetry:
    """Telemetry with metrics, and traces where an exporter takes them; raises `SettingError`."""
    resource = Resource.create(
        {
            "service.name": settings.service_name,
            "service.version": __version__,
            "service.instance.id": f"{gethostname()}-{os.getpid()}",
        }
    )
    exporters = [*_otlp(settings), *_azure_monitor(settings)]
    interval = settings.metric_export_interval
    readers: list[MetricReader] = [Periodic(metrics, interval) for _, metrics in exporters]
    scrape = None
    if settings.metrics_prometheus:
        reader, scrape = _prometheus()
        readers.append(reader)
    meter = MeterProvider(readers, resource).get_meter(_NAME, __version__)
    spans = _spans(resource, [exporter for exporter, _ in exporters])
    instruments = Instruments(meter, Names(deployments))
    return Telemetry(log, time.monotonic, instruments, spans=spans, scrape=scrape)


def _spans(resource: Resource, exporters: Iterable[SpanExporter]) -> Spans | None:
    processors = [BatchSpanProcessor(exporter) for exporter in exporters]
    if not processors:
        return None
    provider = TracerProvider(resource=resource)
    for processor in processors:
        provider.add_span_processor(processor)
    return Spans(provider.get_tracer(_NAME, __version__), time.time)


def _otlp(settings: Settings) -> Iterable[tuple[SpanExporter, MetricExporter]]:
    """Over HTTP. Its other settings, as for headers, the exporters read from the environment."""
    if not settings.otlp_endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    address = settings.otlp_endpoint.rstrip("/")
    if urlsplit(address).port == _GRPC_PORT:
        logger.warning(
            "OTEL_EXPORTER_OTLP_ENDPOINT=%s names the port for gRPC; telemetry is sent over HTTP, "
            "which receivers take on port 4318",
            address,
        )
    yield (
        OTLPSpanExporter(endpoint=f"{address}/v1/traces"),
        OTLPMetricExporter(endpoint=f"{address}/v1/metrics"),
    )


def _azure_monitor(settings: Settings) -> Iterable[tuple[SpanExporter, MetricExporter]]:
    connection = settings.application_insights
    if not connection:
        return
    from azure.monitor.opentelemetry.exporter import (
        AzureMonitorMetricExporter,
        AzureMonitorTraceExporter,
    )

    try:
        yield (
            AzureMonitorTraceExporter(connection_string=connection),
            AzureMonitorMetricExporter(connection_string=connection),
        )
    except ValueError as error:
        raise SettingError("APPLICATIONINSIGHTS_CONNECTION_STRING", "***", str(error)) from None


def _prometheus() -> tuple[MetricReader, Scrape]:
    from opentelemetry.exporter.prometheus import PrometheusMetricReader
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    reader = PrometheusMetricReader(scope_info_enabled=False, registry=registry)
    return reader, lambda: generate_latest(registry)
