# /// script
# dependencies = ["azure-ai-inference"]
# ///
"""azure-ai-inference: the endpoint holds the deployment, the key goes in the header api-key."""

import os

from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.core.credentials import AzureKeyCredential

key = os.environ["AZURE_OPENAI_API_KEY"]
client = ChatCompletionsClient(
    endpoint=f"{os.environ['AZURE_OPENAI_ENDPOINT']}/openai/deployments/gpt-4o",
    credential=AzureKeyCredential(key),
    headers={"api-key": key},
    api_version=os.environ["OPENAI_API_VERSION"],
)
answer = client.complete(messages=[UserMessage("What is Azure?")], max_tokens=20)
print(answer.choices[0].message.content)
