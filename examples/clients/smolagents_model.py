# /// script
# dependencies = ["smolagents[openai]"]
# ///
"""smolagents: its model for Azure is a thin layer over the openai client."""

import os

from smolagents import AzureOpenAIModel

model = AzureOpenAIModel(
    model_id="gpt-4o",
    azure_endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    api_version=os.environ["OPENAI_API_VERSION"],
)
print(model([{"role": "user", "content": "What is Azure?"}], max_tokens=20).content)
