"""What the real client meets where a provisioned deployment spills over, or throttles in a stream."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.conftest import KEY, Serve

PTU = {"model": "gpt-4.1", "sku": "ProvisionedManaged", "ptu": 50}
DEPLOYMENTS: dict[str, Any] = {
    "ptu": {**PTU, "spilloverDeploymentName": "std"},
    "bare": PTU,
    "short": {"model": "gpt-4o", "sku": "ProvisionedManaged", "ptu": 50},
    "std": {"model": "gpt-4.1"},
    "other": {"model": "gpt-4.1"},
}
# Above 128,000 tokens, and within the context window of gpt-4.1.
LONG = "word " * 130_000
AsksLong = Callable[[openai.AzureOpenAI, str, str], Any]


def chat(client: openai.AzureOpenAI, deployment: str, text: str, **more: Any) -> Any:
    return client.chat.completions.with_raw_response.create(
        model=deployment, messages=[{"role": "user", "content": text}], **{"max_tokens": 5, **more}
    )


def streamed_chat(client: openai.AzureOpenAI, deployment: str, text: str) -> Any:
    return chat(client, deployment, text, stream=True)


def response(client: openai.AzureOpenAI, deployment: str, text: str, **more: Any) -> Any:
    return client.responses.with_raw_response.create(
        model=deployment, input=text, max_output_tokens=16, **more
    )


def conversation(client: openai.AzureOpenAI, deployment: str, text: str) -> Any:
    """A short turn behind a long one that the standard deployment has answered."""
    first = client.responses.create(model="other", input=text, max_output_tokens=16)
    return response(client, deployment, "And?", previous_response_id=first.id)


@pytest.fixture
def start(serve: Serve, tmp_path: Path) -> Callable[..., Any]:
    @contextmanager
    def start(deployments: dict[str, Any] = DEPLOYMENTS, **settings: Any) -> Iterator[Any]:
        path = tmp_path / "deployments.json"
        path.write_text(json.dumps(deployments))
        url = serve(deployments_path=str(path), **settings)
        with openai.AzureOpenAI(
            azure_endpoint=url, api_key=KEY, api_version="2025-04-01-preview", max_retries=0
        ) as client:
            yield client

    return start


@pytest.mark.parametrize("ask", [chat, streamed_chat, response, conversation])
def test_a_prompt_beyond_128k_tokens_spills_over(start: Callable[..., Any], ask: AsksLong) -> None:
    with start() as client:
        answer = ask(client, "ptu", LONG)
        assert answer.status_code == 200
        spilled = {name: value for name, value in answer.headers.items() if "spill" in name}
        assert spilled == {
            "x-ms-is-spilled-over": "true",
            "x-ms-spillover-error": "400",
            "x-ms-spillover-from-deployment": "ptu",
        }
        assert answer.headers["x-ms-deployment-name"] == "std"


@pytest.mark.parametrize("ask", [chat, streamed_chat, response, conversation])
def test_a_prompt_beyond_128k_tokens_is_refused_without_spillover(
    start: Callable[..., Any], ask: AsksLong
) -> None:
    with start() as client, pytest.raises(openai.BadRequestError) as refused:
        ask(client, "bare", LONG)
    assert refused.value.code == "context_length_exceeded"


def test_a_prompt_for_which_neither_has_room_is_refused_by_the_standard_one(
    start: Callable[..., Any],
) -> None:
    deployments = {
        "ptu": {**DEPLOYMENTS["short"], "spilloverDeployment": "std"},
        "std": {"model": "gpt-4o"},
    }
    with start(deployments) as client, pytest.raises(openai.BadRequestError) as refused:
        chat(client, "ptu", LONG)
    assert "maximum context length is 128000 tokens" in refused.value.message
    headers = refused.value.response.headers
    assert headers["x-ms-spillover-error"] == "400"
    assert headers["x-ms-spillover-from-deployment"] == "ptu"


def test_a_deployment_with_more_room_takes_what_the_models_window_refuses(
    start: Callable[..., Any],
) -> None:
    with start() as client:
        answer = chat(client, "short", LONG, extra_headers={"x-ms-spillover-deployment": "std"})
        assert answer.headers["x-ms-deployment-name"] == "std"
        assert answer.parse().model == "gpt-4.1-2025-04-14"


def test_the_deployments_own_property_wins_over_the_header(start: Callable[..., Any]) -> None:
    with start() as client:
        answer = chat(client, "ptu", LONG, extra_headers={"x-ms-spillover-deployment": "other"})
    assert answer.headers["x-ms-deployment-name"] == "std"


def full(client: openai.AzureOpenAI, deployment: str) -> None:
    """Uses the deployment up: 40,000 output tokens weigh four times as many of 150,000."""
    for _ in range(3):
        chat(client, deployment, "Hello", max_tokens=16_000)


THROUGHPUT = "Requests have exceeded the throughput limit on your Provisioned-Managed deployment."


def test_a_full_provisioned_deployment_has_the_words_of_2026(start: Callable[..., Any]) -> None:
    with start() as client:
        full(client, "bare")
        with pytest.raises(openai.RateLimitError) as refused:
            chat(client, "bare", "Hello")
    assert THROUGHPUT in refused.value.message
    assert (refused.value.type, refused.value.code) == ("too_many_requests", "rate_limit_reached")
    assert int(refused.value.response.headers["retry-after-ms"]) > 0


@pytest.mark.parametrize(
    ("deployment", "code", "headers", "words"),
    [
        ("bare", "rate_limit_reached", {"skip-error-remapping": "true"}, THROUGHPUT),
        (
            "small",
            "rate_limit_exceeded",
            {"x-ms-fe-error": "true"},
            "requests to small for gpt-4.1",
        ),
    ],
)
def test_a_stream_of_responses_is_throttled_inside_if_set(
    start: Callable[..., Any], deployment: str, code: str, headers: dict[str, str], words: str
) -> None:
    small = {"model": "gpt-4.1", "tokensPerMinute": 1_000}
    with start({**DEPLOYMENTS, "small": small}, throttled_in_stream=True) as client:
        if deployment == "bare":
            full(client, "bare")
        else:
            response(client, "small", "word " * 400)
        with pytest.raises(openai.APIStatusError) as plain:
            response(client, deployment, "word " * 400)
        assert plain.value.status_code == 429
        events = response(client, deployment, "word " * 400, stream=True)
        assert events.status_code == 200
        assert "retry-after" not in events.headers
        seen: list[Any] = []
        with pytest.raises(openai.APIError, match=words):
            seen.extend(events.parse())
        raw = client.responses.with_raw_response.create(
            model=deployment, input="word " * 400, max_output_tokens=16, stream=True
        )
        last = raw.http_response.read().decode().strip().rpartition("\n\n")[2]
    assert last.startswith("event: error\ndata: ")
    body = json.loads(last.partition("data: ")[2])
    assert body["sequence_number"] == 2
    assert body["error"]["type"] == "too_many_requests"
    assert (body["error"]["code"], body["error"]["headers"]) == (code, headers)


def test_a_stream_is_refused_with_a_429_by_default(start: Callable[..., Any]) -> None:
    with start() as client:
        full(client, "bare")
        with pytest.raises(openai.RateLimitError):
            response(client, "bare", "Hello", stream=True)
