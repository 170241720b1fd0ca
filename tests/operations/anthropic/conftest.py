"""Claude on Foundry, as Anthropic's own client calls it."""

import json
from collections.abc import Iterator

import httpx2
import pytest
from anthropic import AnthropicFoundry

from tests.conftest import KEY, served

DEPLOYED = {
    "sonnet": {"model": "claude-sonnet-4-5"},
    "opus": {"model": "claude-opus-5"},
    "few": {"model": "claude-haiku-4-5", "requestsPerMinute": 1},
    "gpt-4o": {"model": "gpt-4o"},
}


@pytest.fixture(scope="package")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("deployments") / "deployments.json"
    path.write_text(json.dumps(DEPLOYED))
    return str(path)


@pytest.fixture(scope="package")
def host(deployments: str) -> Iterator[str]:
    with served({"deployments_path": deployments}) as url:
        yield url


@pytest.fixture
def claude(host: str) -> Iterator[AnthropicFoundry]:
    with AnthropicFoundry(
        base_url=f"{host}/anthropic",
        api_key=KEY,
        max_retries=0,
        _strict_response_validation=True,
    ) as client:
        yield client


@pytest.fixture
def plain(host: str) -> Iterator[httpx2.Client]:
    headers = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
    with httpx2.Client(base_url=f"{host}/anthropic/v1", headers=headers) as client:
        yield client
