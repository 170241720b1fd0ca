"""Clients with their own retries, against a resource that refuses at first: the verdict is clean."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from langchain_openai import AzureChatOpenAI

from simulator.tokens.tokenizer import RANK_FILES
from tests.conftest import API_VERSION, KEY, Serve

SCRIPT = Path(__file__).with_name("openai_retries.mjs")
HEADERS = {"api-key": KEY}
FAULTS = [{"kind": "rate_limit", "retry_after": 1}, {"kind": "unavailable"}]
HELLO: Any = [{"role": "user", "content": "Hi"}]


def python(url: str) -> None:
    with openai.AzureOpenAI(azure_endpoint=url, api_key=KEY, api_version=API_VERSION) as client:
        client.chat.completions.create(model="gpt-4o", messages=HELLO)
        for _ in client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True):
            pass


def forms(url: str) -> None:
    """Each attempt has a boundary of its own."""
    with openai.OpenAI(base_url=f"{url}/openai/v1", api_key=KEY) as client:
        client.files.create(file=("a.jsonl", b"{}"), purpose="batch")
        client.files.create(file=("b.jsonl", b"{}"), purpose="batch")


def node(url: str) -> None:
    program = shutil.which("node")
    assert program is not None
    subprocess.run([program, str(SCRIPT), url, KEY], timeout=120, check=True)  # noqa: S603 (ours)


def langchain(url: str) -> None:
    with httpx2.Client() as connections:
        options: Any = {"api_key": KEY, "http_client": connections}
        model = AzureChatOpenAI(
            azure_endpoint=url, api_version=API_VERSION, azure_deployment="gpt-4o", **options
        )
        model.invoke("Hi")
        assert list(model.stream("Hi"))


@pytest.mark.parametrize("client", [python, forms, node, langchain])
def test_a_client_with_its_own_retries_is_clean(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, client: Callable[[str], None]
) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(RANK_FILES))
    url = serve()
    rules = {"rules": [{"fault": fault, "times": 1} for fault in FAULTS]}
    assert httpx2.put(f"{url}/++/rules", json=rules, headers=HEADERS).status_code == 200
    client(url)
    requests = httpx2.get(f"{url}/++/requests", headers=HEADERS).json()["requests"]
    made = 201 if client is forms else 200
    assert sorted(one["status"] for one in requests) == [made, made, 429, 503]
    verdict = httpx2.get(f"{url}/++/verdict", headers=HEADERS).json()
    assert verdict == {"verdict": "clean", "requests": 2, "findings": []}
