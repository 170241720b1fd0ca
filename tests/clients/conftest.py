"""OpenAI's clients in both families of routes, over a socket."""

from collections.abc import AsyncIterator, Iterator

import openai
import pytest

from tests.conftest import API_VERSION, KEY
from tests.support.chromium import CHROMIUM, browser

__all__ = ["browser"]

if CHROMIUM is None:
    collect_ignore_glob = ["test_browser.py"]

FAMILIES = ["v1", "dated"]


@pytest.fixture(params=FAMILIES)
def either(server: str, request: pytest.FixtureRequest) -> Iterator[openai.OpenAI]:
    """The plain client on the v1 routes, and the one for Azure on the dated ones."""
    made: openai.OpenAI = openai.AzureOpenAI(
        azure_endpoint=server, api_key=KEY, api_version=API_VERSION, max_retries=0
    )
    if request.param == "v1":
        made = openai.OpenAI(base_url=f"{server}/openai/v1/", api_key=KEY, max_retries=0)
    with made as client:
        yield client


@pytest.fixture(params=FAMILIES)
async def either_async(
    server: str, request: pytest.FixtureRequest
) -> AsyncIterator[openai.AsyncOpenAI]:
    made: openai.AsyncOpenAI = openai.AsyncAzureOpenAI(
        azure_endpoint=server, api_key=KEY, api_version=API_VERSION, max_retries=0
    )
    if request.param == "v1":
        made = openai.AsyncOpenAI(base_url=f"{server}/openai/v1/", api_key=KEY, max_retries=0)
    async with made as client:
        yield client
