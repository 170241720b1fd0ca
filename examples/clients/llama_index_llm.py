# /// script
# dependencies = ["llama-index-llms-azure-openai"]
# ///
"""LlamaIndex: `engine` is the deployment, `model` the model that it serves."""

import os

from llama_index.llms.azure_openai import AzureOpenAI

model = AzureOpenAI(
    engine="gpt-4o",
    model="gpt-4o",
    azure_endpoint=os.environ["AZURE_OPENAI_ENDPOINT"],
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    api_version=os.environ["OPENAI_API_VERSION"],
    max_tokens=20,
)
print(model.complete("What is Azure?").text)
