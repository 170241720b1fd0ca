# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
# Its libraries are in .venv/clients.
"""What people build with Semantic Kernel's own client for Azure, over https; prints what came of it."""

import asyncio
import json
import os
import runpy
import sys
from typing import Any

from azure.core.credentials import AccessToken
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.open_ai import (
    AzureChatCompletion,
    AzureChatPromptExecutionSettings,
)
from semantic_kernel.connectors.ai.open_ai.exceptions.content_filter_ai_exception import (
    ContentFilterAIException,
)
from semantic_kernel.contents import ChatHistory
from semantic_kernel.exceptions import ServiceResponseException
from semantic_kernel.functions import kernel_function

KEY = os.environ["AZURE_OPENAI_API_KEY"]
SCOPE = "https://cognitiveservices.azure.com/.default"


class Cities:
    """A plugin whose function a rule has called."""

    def __init__(self) -> None:
        self.counted = list[str]()

    @kernel_function
    def count(self, name: str) -> int:
        """Count a city's inhabitants."""
        self.counted.append(name)
        return 2_750_000


class Credential:
    """A token credential whose token the test has signed."""

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        if scopes != (SCOPE,):
            raise ValueError(scopes)
        return AccessToken(os.environ["TOKEN"], 2**31)


def service(**options: Any) -> AzureChatCompletion:
    return AzureChatCompletion(
        deployment_name="gpt-4o",
        endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],
        api_version=os.environ["OPENAI_API_VERSION"],
        **options,
    )


def ruled(rule: dict[str, Any]) -> AzureChatCompletion:
    headers = {"x-simulator-rule": json.dumps(rule)}
    made = service(api_key=KEY, default_headers=headers)
    made.client.max_retries = 0
    return made


def asked() -> ChatHistory:
    history = ChatHistory()
    history.add_user_message("What is Azure?")
    return history


async def answered(by: AzureChatCompletion) -> str:
    return str(
        await by.get_chat_message_content(asked(), AzureChatPromptExecutionSettings(max_tokens=5))
    )


async def streamed() -> list[str]:
    pieces = ruled({"reply": "One two three."}).get_streaming_chat_message_content(
        asked(), AzureChatPromptExecutionSettings()
    )
    return [str(piece) async for piece in pieces]


async def driven() -> dict[str, Any]:
    kernel, cities = Kernel(), Cities()
    kernel.add_plugin(cities, "city")
    settings = AzureChatPromptExecutionSettings(
        function_choice_behavior=FunctionChoiceBehavior.Auto()
    )
    answer = await service(api_key=KEY).get_chat_message_content(asked(), settings, kernel=kernel)
    return {"counted": cities.counted, "answer": str(answer)}


async def failure(rule: dict[str, Any]) -> dict[str, Any]:
    try:
        await answered(ruled(rule))
    except (ContentFilterAIException, ServiceResponseException) as error:
        return {"kind": type(error).__name__, "status": error.__cause__.status_code}
    return {}


async def main() -> dict[str, Any]:
    return {
        "by_key": bool(await answered(service(api_key=KEY))),
        "by_token": bool(await answered(service(credential=Credential(), token_endpoint=SCOPE))),
        "pieces": await streamed(),
        "driven": await driven(),
        "refused": await failure({"fault": {"kind": "rate_limit", "retry_after": 0}}),
        "filtered": await failure({"filter": {"prompt": {"jailbreak": True}}}),
    }


runpy.run_path(sys.argv[1])
print(json.dumps(asyncio.run(main())))
