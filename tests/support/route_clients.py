"""The client of openai on the dated and on the v1 routes."""

import openai
from openai import BaseModel

from tests.conftest import KEY

ROUTES = ("dated", "v1")


def client_on(routes: str, url: str) -> openai.OpenAI:
    if routes == "v1":
        return openai.OpenAI(base_url=f"{url}/openai/v1/", api_key=KEY, max_retries=0)
    return openai.AzureOpenAI(
        azure_endpoint=url, api_key=KEY, api_version="2025-03-01-preview", max_retries=0
    )


def strictly(answer: BaseModel) -> None:
    """Hold an answer to the types of its model, without the leniency of the client."""
    type(answer).model_validate(answer.to_dict(), strict=True)
