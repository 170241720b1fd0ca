"""Requests of web pages of other origins, over a socket."""

import httpx2
import pytest

from simulator.configuration.settings import SettingError, Settings
from tests.conftest import API_VERSION, KEY, Serve

PAGE = "https://app.example"
CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
BODY = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}
PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "api-key,content-type",
}


@pytest.fixture
def host(serve: Serve) -> str:
    return serve(cors_origins=(PAGE, "http://localhost:5173"))


@pytest.mark.parametrize("path", [CHAT, "/openai/v1/responses", "/nowhere"])
def test_a_preflight_is_answered_without_a_key(host: str, path: str) -> None:
    answer = httpx2.request("OPTIONS", host + path, headers={"origin": PAGE, **PREFLIGHT})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == "api-key,content-type"
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers


def test_a_preflight_of_another_origin_allows_nothing(host: str) -> None:
    headers = {"origin": "https://evil.example", **PREFLIGHT}
    answer = httpx2.request("OPTIONS", host + CHAT, headers=headers)
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(("key", "status"), [(KEY, 200), ("wrong", 401)])
def test_answers_and_errors_may_be_read(host: str, key: str, status: int) -> None:
    headers = {"origin": PAGE, "api-key": key}
    answer = httpx2.post(host + CHAT, json=BODY, headers=headers)
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["vary"] == "Origin"
    exposed = set(answer.headers["access-control-expose-headers"].split(", "))
    assert {"retry-after", "x-ratelimit-remaining-tokens"} <= exposed
    own = [name for name in answer.headers if not name.startswith(("content-", "access-control-"))]
    assert set(own) - {"date", "server", "transfer-encoding", "vary", "connection"} <= exposed


def test_a_stream_may_be_read(host: str) -> None:
    headers = {"origin": "http://localhost:5173", "api-key": KEY}
    answer = httpx2.post(host + CHAT, json={**BODY, "stream": True}, headers=headers)
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_answers_for_other_origins_name_none(host: str, origin: str) -> None:
    answer = httpx2.post(host + CHAT, json=BODY, headers={"origin": origin, "api-key": KEY})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["vary"] == "Origin"


def test_without_origins_nothing_is_said_of_them(server: str) -> None:
    answer = httpx2.post(server + CHAT, json=BODY, headers={"origin": PAGE, "api-key": KEY})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "vary" not in answer.headers
    preflight = httpx2.request("OPTIONS", server + CHAT, headers={"origin": PAGE, **PREFLIGHT})
    assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.parametrize(
    "given", ["*", "app.example", "https://app.example/", "https://app.example/page", "null"]
)
def test_what_is_no_origin_stops_the_start(given: str) -> None:
    with pytest.raises(SettingError, match="CORS_ORIGINS"):
        Settings.from_env({"CORS_ORIGINS": f"http://localhost:5173, {given}"})
