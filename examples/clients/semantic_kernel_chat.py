# /// script
# dependencies = ["semantic-kernel"]
# ///
"""Semantic Kernel: takes an https address only, so start the simulator with --tls."""

import asyncio
import os

from semantic_kernel import Kernel
from semantic_kernel.connectors.ai.open_ai import AzureChatCompletion


async def main() -> None:
    kernel = Kernel()
    kernel.add_service(
        AzureChatCompletion(
            deployment_name="gpt-4o",
            endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],
            api_key=os.environ["AZURE_OPENAI_API_KEY"],
            api_version=os.environ["OPENAI_API_VERSION"],
        )
    )
    print(await kernel.invoke_prompt("What is Azure?"))


asyncio.run(main())
