# /// script
# dependencies = ["autogen-ext[openai]"]
# ///
"""AutoGen: the deployment, the model and the version are handed over."""

import asyncio
import os

from autogen_core.models import UserMessage
from autogen_ext.models.openai import AzureOpenAIChatCompletionClient


async def main() -> None:
    client = AzureOpenAIChatCompletionClient(
        azure_deployment="gpt-4o",
        model="gpt-4o",
        api_version=os.environ["OPENAI_API_VERSION"],
        azure_endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],
        api_key=os.environ["AZURE_OPENAI_API_KEY"],
    )
    answer = await client.create([UserMessage(content="What is Azure?", source="user")])
    print(answer.content)
    await client.close()


asyncio.run(main())
