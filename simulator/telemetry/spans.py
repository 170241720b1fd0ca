"""The traces: one span for each request, written when its answer has left."""

from collections.abc import Callable
from urllib.parse import urlsplit

from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from simulator.telemetry.observation import Completion, Observation
from simulator.telemetry.semantics import gen_ai, operation_name

Attributes = dict[str, str | int | float | bool]


class Spans:
    """Continues the caller's trace (W3C `traceparent`); `now` is the time of day in seconds."""

    def __init__(self, tracer: Tracer, now: Callable[[], float]) -> None:
        self._tracer = tracer
        self._now = now
        self._propagator = TraceContextTextMapPropagator()

    def record(self, seen: Observation, course: Completion) -> None:
        end = self._now()
        span = self._tracer.start_span(
            _name(seen),
            self._propagator.extract(seen.request.headers),
            SpanKind.SERVER,
            _attributes(seen, course),
            start_time=_nanoseconds(end - course.seconds),
        )
        if seen.answer.status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end(_nanoseconds(end))


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)


def _route(seen: Observation) -> str:
    return f"/{seen.match.template}"


def _name(seen: Observation) -> str:
    """`chat gpt-4o` for what a model does, else `GET /++/metrics`, in the manner of HTTP spans."""
    if seen.served_by is None:
        return f"{seen.request.method} {_route(seen)}"
    return f"{operation_name(seen)} {seen.served_by.name}"


def _attributes(seen: Observation, course: Completion) -> Attributes:
    attributes: Attributes = {
        "http.request.method": seen.request.method,
        "http.route": _route(seen),
        "http.response.status_code": seen.answer.status,
        "url.path": seen.request.path,
        "aoai-api-simulator.request_id": seen.request_id,
        **_server(seen.request.headers.get("host", "")),
    }
    if seen.served_by is not None:
        attributes |= gen_ai(seen, seen.served_by.name)
    elif seen.answer.status >= 500:
        attributes["error.type"] = str(seen.answer.status)
    if seen.usage is not None:
        attributes["gen_ai.usage.input_tokens"] = seen.usage.prompt
        attributes["gen_ai.usage.output_tokens"] = seen.usage.completion
    if course.first_token is not None:
        attributes["gen_ai.response.time_to_first_chunk"] = course.first_token
    if seen.recording is not None:
        attributes["aoai-api-simulator.recording"] = seen.recording
    if course.cut:
        attributes["aoai-api-simulator.cut"] = True
    return attributes


def _server(host: str) -> Attributes:
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:  # the client may have sent anything
        return {}
    named: Attributes = {"server.address": name} if name else {}
    return named if port is None else {**named, "server.port": port}
