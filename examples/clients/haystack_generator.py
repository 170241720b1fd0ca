# /// script
# dependencies = ["haystack-ai"]
# ///
"""Haystack: `azure_deployment`; the key comes from AZURE_OPENAI_API_KEY."""

import os

from haystack.components.generators.chat import AzureOpenAIChatGenerator
from haystack.dataclasses import ChatMessage

generator = AzureOpenAIChatGenerator(
    azure_endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],
    api_version=os.environ["OPENAI_API_VERSION"],
    azure_deployment="gpt-4o",
    generation_kwargs={"max_tokens": 20},
)
print(generator.run([ChatMessage.from_user("What is Azure?")])["replies"][0].text)
