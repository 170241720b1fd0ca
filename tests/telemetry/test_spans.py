import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from simulator.errors import InvalidRequest, ServerError
from simulator.telemetry.observation import Completion
from simulator.telemetry.spans import Spans
from tests.telemetry.requests import answered, refused, seen, unknown

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331"


WHOLE = Completion(2.5, None)


def span_of(request, course=WHOLE):
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    Spans(provider.get_tracer("tests"), lambda: 1000.0).record(request, course)
    spans = exporter.get_finished_spans()
    return spans[0] if spans else None


def test_a_span_has_the_attributes_of_the_semantic_conventions() -> None:
    span = span_of(seen())
    assert (span.name, span.kind, dict(span.attributes or {})) == (
        "chat my-gpt",
        SpanKind.SERVER,
        {
            "http.request.method": "POST",
            "http.route": "/openai/deployments/{deployment}/chat/completions",
            "http.response.status_code": 200,
            "url.path": "/openai/deployments/my-gpt/chat/completions",
            "server.address": "sim",
            "server.port": 8000,
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "azure.ai.openai",
            "gen_ai.request.model": "my-gpt",
            "gen_ai.response.model": "gpt-4o-2024-11-20",
            "gen_ai.usage.input_tokens": 9,
            "gen_ai.usage.output_tokens": 100,
            "aoai-api-simulator.request_id": "the-request-id",
        },
    )


def test_a_span_lasts_from_the_arrival_until_the_last_byte() -> None:
    span = span_of(seen())
    assert (span.start_time, span.end_time) == (997_500_000_000, 1_000_000_000_000)


def test_a_callers_trace_is_continued() -> None:
    span = span_of(seen(headers={"traceparent": f"{PARENT}-01"}))
    assert f"{span.context.trace_id:032x}" == TRACE
    assert f"{span.parent.span_id:016x}" == "b7ad6b7169203331"


def test_a_caller_that_does_not_sample_gets_no_span() -> None:
    assert span_of(seen(headers={"traceparent": f"{PARENT}-00"})) is None


def test_a_broken_traceparent_begins_a_trace() -> None:
    assert span_of(seen(headers={"traceparent": "nonsense"})).parent is None


def test_a_span_without_a_deployment_is_named_by_its_route() -> None:
    assert span_of(unknown("/nowhere")).name == "POST /{*path}"


@pytest.mark.parametrize(
    ("error", "kind", "status"),
    [
        (InvalidRequest("no"), "400", StatusCode.UNSET),
        (ServerError("id"), "500", StatusCode.ERROR),
    ],
)
def test_a_span_says_what_failed(error, kind, status) -> None:
    span = span_of(refused(error))
    assert (span.attributes["error.type"], span.status.status_code) == (kind, status)


def test_a_failure_without_a_deployment_has_its_status_as_its_type() -> None:
    failed = refused(ServerError("id"), served_by=None)
    assert span_of(failed).attributes["error.type"] == "500"


def test_a_streams_span_says_when_its_first_piece_left() -> None:
    span = span_of(seen(), Completion(2.5, 0.5, cut=True))
    attributes = span.attributes
    assert attributes["gen_ai.response.time_to_first_chunk"] == 0.5
    assert attributes["aoai-api-simulator.cut"] is True


def test_a_span_says_what_the_recording_did() -> None:
    span = span_of(seen(answered(headers={"x-recording": "hit"})))
    assert span.attributes["aoai-api-simulator.recording"] == "hit"


@pytest.mark.parametrize(
    ("host", "told"), [("sim", ("sim", None)), ("", (None, None)), ("[::1", (None, None))]
)
def test_the_server_is_the_host_that_was_asked_for(host, told) -> None:
    attributes = span_of(seen(headers={"host": host})).attributes
    assert (attributes.get("server.address"), attributes.get("server.port")) == told
