"""From a simulator behind a socket to a receiver, as an operator has it."""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from tests.conftest import API_VERSION, KEY
from tests.telemetry.receiver import attributes_of, receiving

ROOT = Path(__file__).parents[2]
PREFIX = "aoai-api-simulator."
ROUTE = "/openai/deployments/{deployment}/chat/completions"
TRACE = "0af7651916cd43dd8448eb211c80319c"
LABELS = {"deployment": "my-gpt", "status_code": 200}
GEN_AI = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "azure.ai.openai",
    "gen_ai.request.model": "my-gpt",
    "gen_ai.response.model": "gpt-4o-2024-11-20",
}
DEPLOYMENTS = {
    "my-gpt": {"model": "gpt-4o", "tokensPerMinute": 1_000_000},
    "small": {"model": "gpt-4o", "tokensPerMinute": 1_000},
}


@contextlib.contextmanager
def started(folder, **settings):
    """The address of a simulator in a process of its own, which has ended when this ends."""
    deployments = folder / "deployments.json"
    deployments.write_text(json.dumps(DEPLOYMENTS))
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "serve", "--port", "0"],
        cwd=ROOT,
        env={
            **os.environ,
            "SIMULATOR_API_KEY": KEY,
            "OPENAI_DEPLOYMENT_CONFIG_PATH": str(deployments),
            "ANSWER_LENGTH": "max",
            "LATENCY_OPENAI_CHAT_COMPLETIONS_MEAN": "100",
            "LATENCY_OPENAI_CHAT_COMPLETIONS_STD_DEV": "0",
            **settings,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            first = process.stdout.readline()
            found = re.search(r"http://\S+", first)
            assert found, first + process.stdout.read()
            yield found.group()
        finally:
            process.terminate()
            rest = process.stdout.read()
            print(rest)


def chat(url, deployment="my-gpt", **changes):
    with openai.AzureOpenAI(
        azure_endpoint=url, api_key=KEY, api_version=API_VERSION, max_retries=0
    ) as client:
        options: dict[str, Any] = {"model": deployment, "max_tokens": 5, **changes}
        messages: list[Any] = [{"role": "user", "content": "Hello"}]
        answer = client.chat.completions.create(messages=messages, **options)
        return list(answer) if options.get("stream") else answer


@pytest.fixture(scope="module")
def received(tmp_path_factory):
    """What the receiver got of a plain answer, a stream, a refused request and an unknown path."""
    with receiving() as told:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": told.url,
            "OTEL_SERVICE_NAME": "my-simulator",
            "OTEL_METRIC_EXPORT_INTERVAL": "100",
        }
        with started(tmp_path_factory.mktemp("otlp"), **settings) as url:
            trace = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
            chat(url, extra_headers=trace)
            chat(url, stream=True)
            with pytest.raises(openai.RateLimitError):
                chat(url, "small", max_tokens=5000)
            assert httpx2.get(f"{url}/nowhere", headers={"api-key": KEY}).status_code == 404
        yield told


def test_the_resource_is_named_as_it_is_set(received) -> None:
    [resource] = {tuple(sorted(sent.items())) for sent in received.resources()}
    told = dict(resource)
    assert told["service.name"] == "my-simulator"
    assert {"service.version", "service.instance.id"} <= told.keys()


@pytest.mark.parametrize(
    ("name", "unit", "kind"),
    [
        (f"{PREFIX}latency.base", "s", "histogram"),
        (f"{PREFIX}latency.full", "s", "histogram"),
        (f"{PREFIX}tokens.used", "{token}", "histogram"),
        (f"{PREFIX}tokens.requested", "{token}", "histogram"),
        (f"{PREFIX}tokens.rate-limit", "{token}", "histogram"),
        (f"{PREFIX}limits", "{request}", "histogram"),
        (f"{PREFIX}requests", "{request}", "sum"),
        (f"{PREFIX}streams.active", "{stream}", "sum"),
        ("gen_ai.server.request.duration", "s", "histogram"),
        ("gen_ai.server.time_to_first_token", "s", "histogram"),
        ("gen_ai.server.time_per_output_token", "s", "histogram"),
    ],
)
def test_a_metric_arrives_with_its_unit(received, name, unit, kind) -> None:
    metric = received.metrics()[name]
    assert (metric.unit, metric.WhichOneof("data")) == (unit, kind)


def test_every_metric_is_described(received) -> None:
    metrics = received.metrics()
    assert len(metrics) > 5
    assert [name for name, metric in metrics.items() if not metric.description] == []


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        (f"{PREFIX}latency.base", LABELS),
        (f"{PREFIX}latency.full", LABELS),
        (f"{PREFIX}tokens.used", {"deployment": "my-gpt", "token_type": "prompt"}),
        (f"{PREFIX}tokens.used", {"deployment": "my-gpt", "token_type": "completion"}),
        (f"{PREFIX}tokens.requested", {"deployment": "my-gpt", "token_type": "prompt"}),
        (f"{PREFIX}tokens.rate-limit", {"deployment": "my-gpt"}),
        (f"{PREFIX}limits", {"deployment": "small", "limit_type": "tokens"}),
        (
            f"{PREFIX}requests",
            {"operation": "chat_completions", "status_code": 429, "key": "default"},
        ),
        ("gen_ai.server.request.duration", GEN_AI),
        ("gen_ai.server.time_to_first_token", GEN_AI),
        ("gen_ai.server.time_per_output_token", GEN_AI),
    ],
)
def test_a_metric_arrives_with_its_attributes(received, name, labels) -> None:
    assert labels in [found for found, _ in received.points(name)]


def test_tokens_arrive_as_they_were_answered(received) -> None:
    labels = {"deployment": "my-gpt", "token_type": "completion"}
    assert (labels, (2, 10)) in received.points(f"{PREFIX}tokens.used")


def test_no_stream_is_active_at_the_end(received) -> None:
    assert received.points(f"{PREFIX}streams.active") == [({}, 0)]


def test_there_is_one_span_for_each_request(received) -> None:
    assert sorted(span.name for span in received.spans()) == [
        "GET /{*path}",
        "chat my-gpt",
        "chat my-gpt",
        "chat small",
    ]


def test_a_span_arrives_in_its_callers_trace(received) -> None:
    [span] = [span for span in received.spans() if span.parent_span_id]
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, "b7ad6b7169203331")


def test_a_span_arrives_with_the_attributes_of_the_semantic_conventions(received) -> None:
    [span] = [span for span in received.spans() if span.parent_span_id]
    told = attributes_of(span)
    port = told.pop("server.port")
    assert told.pop("aoai-api-simulator.request_id")
    assert (port > 0, told) == (
        True,
        {
            **GEN_AI,
            "gen_ai.usage.input_tokens": 8,
            "gen_ai.usage.output_tokens": 5,
            "http.request.method": "POST",
            "http.route": ROUTE,
            "http.response.status_code": 200,
            "server.address": "127.0.0.1",
            "url.path": "/openai/deployments/my-gpt/chat/completions",
        },
    )


def test_application_insights_is_sent_metrics_and_requests(tmp_path) -> None:
    with receiving() as told:
        key = "00000000-0000-0000-0000-000000000001"
        connection = f"InstrumentationKey={key};IngestionEndpoint={told.url}/"
        settings = {
            "APPLICATIONINSIGHTS_CONNECTION_STRING": connection,
            "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
        }
        with started(tmp_path, **settings) as url:
            chat(url)
        items = told.tracked()
    assert {item["iKey"] for item in items} == {key}
    metrics = [
        item["data"]["baseData"]["metrics"][0]["name"] for item in items if _is(item, "Metric")
    ]
    assert f"{PREFIX}latency.full" in metrics
    [request] = [item for item in items if _is(item, "Request")]
    assert request["data"]["baseData"]["name"] == f"POST {ROUTE}"


def _is(item, kind):
    return item["data"]["baseType"] == f"{kind}Data"
