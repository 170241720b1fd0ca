"""A receiver of OTLP over HTTP, and one of what Application Insights takes: what was sent to them."""

import contextlib
import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Received:
    """What a receiver got, by path."""

    def __init__(self):
        self.url = ""
        self.bodies = []

    def resources(self):
        return [
            _attributes(sent.resource.attributes)
            for request in self._requests("/v1/metrics", ExportMetricsServiceRequest)
            for sent in request.resource_metrics
        ]

    def metrics(self):
        """The metrics by name, as they were sent last."""
        return {
            metric.name: metric
            for request in self._requests("/v1/metrics", ExportMetricsServiceRequest)
            for resource in request.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def points(self, name):
        """The attributes of a metric's points, each with its value, or its count and sum."""
        metric = self.metrics()[name]
        kind = metric.WhichOneof("data")
        assert kind is not None
        return [
            (
                _attributes(point.attributes),
                (point.count, point.sum) if kind == "histogram" else point.as_int,
            )
            for point in getattr(metric, kind).data_points
        ]

    def spans(self):
        return [
            span
            for request in self._requests("/v1/traces", ExportTraceServiceRequest)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def tracked(self):
        """The items that Application Insights was sent."""
        return [
            item
            for path, body in self.bodies
            if path.endswith("/track")
            for item in _items(body.decode())
        ]

    def _requests(self, wanted, message):
        return [message.FromString(body) for path, body in self.bodies if path == wanted]


def _items(text):
    items = json.loads(text) if text.startswith("[") else map(json.loads, text.splitlines())
    return list(items)


def attributes_of(span):
    return _attributes(span.attributes)


def _attributes(pairs):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


@contextlib.contextmanager
def receiving():
    received = Received()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            received.bodies.append((self.path, body))
            answer = b'{"itemsReceived":1,"itemsAccepted":1,"errors":[]}'
            if not self.path.endswith("/track"):
                answer = b""
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        received.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()
