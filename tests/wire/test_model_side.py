"""The headers and the layout of what the model's side answers, over a socket (recorded 2023-12 to
2026-08)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import API_VERSION, Serve

MESSAGES = [{"role": "user", "content": "Hi"}]
RESPONSE_ID = "resp_6892a82a23008190b7db0d1f368db7810821f327db183920"
CLIENT_ID = {"x-ms-client-request-id": "5a1c9d0e-1b2c-4d3e-8f40-a1b2c3d4e5f6"}
ERROR_HEADERS = {
    "azureml-model-session",
    "ms-azureml-model-error-reason",
    "ms-azureml-model-error-statuscode",
    "x-request-id",
}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment file with a standard and a provisioned deployment."""
    path = tmp_path_factory.mktemp("deployments") / "deployments.json"
    standard = {"model": "gpt-4o", "tokensPerMinute": 10_000, "requestsPerMinute": 60}
    provisioned = {"model": "gpt-4o", "sku": "GlobalProvisionedManaged", "ptu": 15}
    path.write_text(json.dumps({"gpt-4o": standard, "ptu": provisioned}))
    return path


@pytest.fixture
def client(serve: Serve, limited: Path) -> Iterator[httpx2.Client]:
    url = serve(deployments_path=str(limited), api_key="k")
    with httpx2.Client(base_url=url, headers={"api-key": "k"}) as client:
        yield client


def _chat(deployment: str) -> str:
    return f"/openai/deployments/{deployment}/chat/completions?api-version={API_VERSION}"


def _is_indented(response: httpx2.Response) -> bool:
    return response.content == json.dumps(response.json(), indent=2).encode()


@pytest.mark.parametrize("where", ["parameter", "generation"])
def test_a_400_of_the_model_is_indented_and_says_what_is_left(
    client: httpx2.Client, where: str
) -> None:
    body: dict[str, Any] = {"messages": MESSAGES, "max_tokens": 5}
    assert client.post(_chat("gpt-4o"), json=body).status_code == 200
    if where == "parameter":
        bad = {"messages": MESSAGES, "max_completion_tokenz": 5}
        response = client.post(_chat("gpt-4o"), json=bad)
        assert response.json()["error"]["message"].endswith("max_completion_tokenz")
    else:
        bad = {"model": "gpt-4o", "input": "Hi", "previous_response_id": RESPONSE_ID}
        response = client.post("/openai/v1/responses", json=bad)
    assert response.status_code == 400
    assert _is_indented(response)
    assert set(response.headers) >= ERROR_HEADERS
    assert response.headers["ms-azureml-model-error-reason"] == "model_error"
    assert response.headers["ms-azureml-model-error-statuscode"] == "400"
    # A request that is refused before it is charged takes nothing.
    left = 59 if where == "parameter" else 58
    assert response.headers["x-ratelimit-remaining-requests"] == str(left)
    assert 0 < int(response.headers["x-ratelimit-remaining-tokens"]) < 10_000


def test_a_400_of_a_provisioned_deployment_says_its_utilization(client: httpx2.Client) -> None:
    response = client.post(_chat("ptu"), json={"messages": []})
    assert response.status_code == 400
    assert response.headers["azure-openai-deployment-utilization"] == "0.0%"


def test_a_stored_response_that_is_not_there_has_the_recorded_length(http: httpx2.Client) -> None:
    path = f"/openai/responses/{RESPONSE_ID}?api-version=2025-04-01-preview"
    response = http.get(path)
    assert response.status_code == 404
    assert response.headers["content-length"] == "195"  # recorded 2025-08, twice
    assert _is_indented(response)
    assert set(response.headers) >= ERROR_HEADERS
    assert response.headers["ms-azureml-model-error-statuscode"] == "404"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/openai/deployments/text-embedding-3-small/completions", {}, 400),
        ("/openai/deployments/gpt-4o/nothing", {}, 404),
        ("/openai/deployments/gpt-4o/chat/completions?api-version=1", {}, 404),
    ],
)
def test_the_gateways_own_errors_are_compact(
    http: httpx2.Client, path: str, body: dict[str, Any], status: int
) -> None:
    version = "" if "?" in path else f"?api-version={API_VERSION}"
    response = http.post(path + version, json=body)
    assert response.status_code == status
    assert b"\n" not in response.content
    assert not set(response.headers) & ERROR_HEADERS


def test_a_model_that_is_not_in_the_catalogue_is_no_error_of_a_model(http: httpx2.Client) -> None:
    response = http.get("/openai/v1/models/nothing")
    assert response.status_code == 404
    assert not set(response.headers) & ERROR_HEADERS


@pytest.mark.parametrize("stream", [False, True])
def test_a_response_has_the_headers_of_2026(http: httpx2.Client, stream: bool) -> None:
    body = {"model": "gpt-5-nano", "input": "Hi", "stream": stream}
    headers = http.post("/openai/v1/responses", json=body).headers
    gone = {"azureml-model-session", "x-accel-buffering", "x-ms-deployment-name"}
    assert not set(headers) & {*gone, "x-ms-rai-invoked"}
    assert headers["azureai-fe-offer-type"] == "paygo"
    assert headers["x-ms-aoai-configured-data-retention-days"] == "30"
    assert headers["azureai-fe-is-streaming"] == str(stream)
    assert set(headers) >= {"skip-error-remapping", "x-ms-served-model", "x-request-id"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (_chat("gpt-4o"), {"messages": MESSAGES, "max_tokens": 3}, 200),
        (_chat("gpt-4o"), {"messages": MESSAGES, "max_tokens": 3, "stream": True}, 200),
        (_chat("gpt-4o"), {"messages": []}, 400),
        (_chat("gpt-4o").replace("chat", "cat"), {}, 404),
        ("/openai/v1/responses", {"model": "gpt-4o", "input": "Hi", "stream": True}, 200),
        ("/openai/v1/embeddings", {"model": "text-embedding-3-small", "input": "Hi"}, 200),
        ("/openai/v1/responses", {}, 400),
    ],
)
def test_every_post_repeats_the_clients_id(
    http: httpx2.Client, path: str, body: dict[str, Any], status: int
) -> None:
    response = http.post(path, json=body, headers=CLIENT_ID)
    assert response.status_code == status
    name, value = next(iter(CLIENT_ID.items()))
    assert response.headers[name] == value
    assert http.post(path, json=body, headers={"api-key": "wrong", **CLIENT_ID}).headers[name]


def test_a_get_does_not_repeat_it(http: httpx2.Client) -> None:
    response = http.get("/openai/v1/models", headers=CLIENT_ID)
    assert response.status_code == 200
    assert "x-ms-client-request-id" not in response.headers
