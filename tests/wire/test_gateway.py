"""The answers of the gateway in front of the models, over a socket, against recordings."""

import httpx2
import pytest

from tests.conftest import API_VERSION, Serve
from tests.wire.recorded import recorded, recorded_json

CHAT = f"/openai/deployments/gpt-5.2/chat/completions?api-version={API_VERSION}"
MESSAGES = [{"role": "user", "content": "Hey, what is up?"}]
# What the transport adds, and what only a deployment with limits has.
TRANSPORT = {"date", "transfer-encoding", "content-length"}
LIMITS = {
    f"x-ratelimit-{figure}-{unit}"
    for figure in ("limit", "remaining", "renewalperiod", "reset")
    for unit in ("requests", "tokens")
}
# For developers; not there on Azure.
OURS = {"x-simulator-hint"}


def test_a_wrong_key_gets_the_recorded_answer(http: httpx2.Client) -> None:
    response = http.post(CHAT, json={"messages": MESSAGES}, headers={"api-key": "wrong"})
    assert response.status_code == 401
    assert response.content == recorded("access_denied_2026-03.json")
    assert set(response.headers) - OURS == {
        "content-length",
        "content-type",
        "date",
        "apim-request-id",
    }
    assert response.headers["content-length"] == "224"


def test_a_deployment_that_does_not_exist_gets_the_recorded_answer(serve: Serve) -> None:
    with httpx2.Client(
        base_url=serve(allow_undefined_deployments=False, api_key="k"), headers={"api-key": "k"}
    ) as client:
        path = CHAT.replace("gpt-5.2", "no-such-deployment")
        response = client.post(path, json={"messages": MESSAGES})
    assert response.status_code == 404
    assert response.content == recorded("deployment_not_found_2026-03.json")
    assert "content-type" not in response.headers
    assert set(response.headers) - OURS == {
        "date",
        "strict-transport-security",
        "transfer-encoding",
        "apim-request-id",
        "x-content-type-options",
        "x-ms-region",
    }


@pytest.mark.parametrize(
    ("stream", "content_type"),
    [(True, "text/event-stream; charset=utf-8"), (False, "application/json")],
)
def test_an_answer_has_the_headers_recorded_in_the_newest_era(
    http: httpx2.Client, stream: bool, content_type: str
) -> None:
    expected = recorded_json("chat_stream_2026-06.headers.json")
    response = http.post(
        CHAT, json={"messages": MESSAGES, "stream": stream, "max_completion_tokens": 3}
    )
    assert response.headers["content-type"] == content_type
    assert response.headers["azureai-fe-is-streaming"] == str(stream)
    expected["azureai-fe-offer-type"] = "paygo"  # on all answers of chat since 2026-08
    assert set(response.headers) - TRANSPORT - LIMITS == set(expected) - TRANSPORT - LIMITS
    assert response.headers["azureai-fe-offer-type"] == "paygo"


@pytest.mark.parametrize(
    "name",
    [
        "strict-transport-security",
        "azureml-model-session",
        "skip-error-remapping",
        "x-accel-buffering",
        "x-content-type-options",
        "x-ms-is-spilled-over",
        "x-ms-rai-invoked",
        "x-ms-region",
        "x-ms-served-model",
        "x-ratelimit-abusepenalty-active",
        "content-type",
        "transfer-encoding",
    ],
)
def test_a_stream_has_the_recorded_value_of_a_header(http: httpx2.Client, name: str) -> None:
    response = http.post(CHAT, json={"messages": MESSAGES, "stream": True})
    assert response.headers[name] == recorded_json("chat_stream_2026-06.headers.json")[name]


def test_the_ids_of_an_answer_are_its_own(http: httpx2.Client) -> None:
    first, second = (http.post(CHAT, json={"messages": MESSAGES}).headers for _ in range(2))
    ids = {headers[n] for headers in (first, second) for n in ("apim-request-id", "x-request-id")}
    assert len(ids) == 4


@pytest.mark.parametrize("path", ["/", "/openai/models", CHAT.partition("?")[0], "/docs"])
def test_what_is_not_there_gets_the_reported_body(http: httpx2.Client, path: str) -> None:
    response = http.post(path, json={"messages": MESSAGES})
    assert response.status_code == 404
    assert response.content == b'{"error":{"code":"404","message": "Resource not found"}}'
    assert response.headers["content-type"] == "application/json"
    # Recorded 2026-01, three times: there is no region.
    assert set(response.headers) - OURS - TRANSPORT == {
        "apim-request-id",
        "content-type",
        "strict-transport-security",
        "x-content-type-options",
    }
