# /// script
# dependencies = ["azure-ai-inference"]
# ///
"""azure-ai-inference at /models: the request names the deployment, of any maker's model."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

client = ChatCompletionsClient(
    endpoint=f"{os.environ['AZURE_OPENAI_ENDPOINT']}/models",
    credential=AzureKeyCredential(os.environ["AZURE_OPENAI_API_KEY"]),
)
question = [UserMessage("What is Azure?")]
for update in client.complete(messages=question, model="gpt-4o", max_tokens=20, stream=True):
    for choice in update.choices:
        print(choice.delta.content or "", end="")
print()
