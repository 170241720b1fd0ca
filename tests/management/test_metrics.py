import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import API_VERSION, KEY, Serve

CHAT = b'{"messages":[{"role":"user","content":"Hi"}],"max_tokens":3}'


@pytest.fixture
def metered(serve: Serve) -> str:
    return serve(metrics_prometheus=True)


def scraped(url: str, path: str = "/++/metrics") -> httpx2.Response:
    return httpx2.get(url + path, headers={"api-key": KEY})


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


@pytest.mark.parametrize("path", ["/++/metrics", "/simulator/metrics"])
def test_the_metrics_are_text_that_prometheus_parses(metered: str, path: str) -> None:
    url = f"{metered}/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
    httpx2.post(url, content=CHAT, headers={"api-key": KEY})
    answer = scraped(metered, path)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = samples(answer.text)
    labels = {"operation": "chat_completions", "status_code": "200", "key": "default"}
    assert found["aoai_api_simulator_requests_total"] == [(labels, 1.0)]
    assert (
        {"deployment": "gpt-4o", "token_type": "completion"},
        3.0,
    ) in found["aoai_api_simulator_tokens_used_sum"]


def test_the_metrics_need_the_key(metered: str) -> None:
    assert httpx2.get(f"{metered}/++/metrics").status_code == 401


def test_where_no_metrics_are_kept_it_is_said_how_to_have_them(http: httpx2.Client) -> None:
    answer = http.get("/++/metrics")
    assert answer.status_code == 404
    assert "METRICS_PROMETHEUS=true" in answer.json()["error"]["message"]
