"""What tests of rules start from: a host of its own, and a client of its `/++/rules`."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import openai
import pytest

from tests.conftest import API_VERSION, KEY, Serve, served

Rules = list[dict[str, Any]]


class Host:
    """A simulator with rules, and its clients."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx2.Client(base_url=url, headers={"api-key": KEY}, timeout=10)
        self.azure = openai.AzureOpenAI(
            azure_endpoint=url, api_key=KEY, api_version=API_VERSION, max_retries=0
        )
        self.v1 = openai.OpenAI(base_url=f"{url}/openai/v1", api_key=KEY, max_retries=0)

    def put(self, *rules: dict[str, Any]) -> Rules:
        answer = self.http.put("/++/rules", json={"rules": rules})
        assert answer.status_code == 200, answer.text
        return answer.json()["rules"]

    def shown(self) -> Rules:
        return self.http.get("/++/rules").json()["rules"]

    def chat(self, text: str = "Hello", **members: Any) -> httpx2.Response:
        headers = members.pop("headers", {})
        body = {"messages": [{"role": "user", "content": text}], **members}
        return self.http.post(
            f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}",
            json=body,
            headers=headers,
        )

    def said(self, text: str = "Hello", **members: Any) -> str:
        answer = self.chat(text, **members)
        assert answer.status_code == 200, answer.text
        return answer.json()["choices"][0]["message"]["content"]

    def close(self) -> None:
        self.http.close()
        self.azure.close()
        self.v1.close()


@pytest.fixture(scope="module")
def shared_host() -> Iterator[Host]:
    with served({}) as url:
        host = Host(url)
        yield host
        host.close()


@pytest.fixture
def host(shared_host: Host) -> Iterator[Host]:
    """Of all tests of a module, each of which begins without rules."""
    yield shared_host
    shared_host.http.delete("/++/rules")


@pytest.fixture
def make_host(serve: Serve) -> Iterator[Callable[..., Host]]:
    hosts: list[Host] = []

    def make(**settings: Any) -> Host:
        hosts.append(Host(serve(**settings)))
        return hosts[-1]

    yield make
    for host in hosts:
        host.close()
