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

    def record(self, observation: Observation, completion: Completion) -> None:
        end = self._now()
        span = self._tracer.start_span(
            _name(observation),
            self._propagator.extract(observation.request.headers),
            SpanKind.SERVER,
            _attributes(observation, completion),
            start_time=_nanoseconds(end - completion.seconds),
        )
        if observation.answer.status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end(_nanoseconds(end))


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)


def _route(observation: Observation) -> str:
    return f"/{observation.match.template}"


def _name(observation: Observation) -> str:
    """`chat gpt-4o` for what a model does, else `GET /++/metrics`, in the manner of HTTP spans."""
    if observation.served_by is None:
        return f"{observation.request.method} {_route(observation)}"
    return f"{operation_name(observation)} {observation.served_by.name}"


def _attributes(observation: Observation, completion: Completion) -> Attributes:
    attributes: Attributes = {
        "http.request.method": observation.request.method,
        "http.route": _route(observation),
        "http.response.status_code": observation.answer.status,
        "url.path": observation.request.path,
        "aoai-api-simulator.request_id": observation.request_id,
        **_server(observation.request.headers.get("host", "")),
    }
    if observation.served_by is not None:
        attributes |= gen_ai(observation, observation.served_by.name)
    elif observation.answer.status >= 500:
        attributes["error.type"] = str(observation.answer.status)
    if observation.usage is not None:
        attributes["gen_ai.usage.input_tokens"] = observation.usage.prompt
        attributes["gen_ai.usage.output_tokens"] = observation.usage.completion
    if completion.first_token is not None:
        attributes["gen_ai.response.time_to_first_chunk"] = completion.first_token
    if observation.recording is not None:
        attributes["aoai-api-simulator.recording"] = observation.recording
    if completion.cut:
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
