# /// script
# dependencies = ["azure-ai-projects", "openai"]
# ///
"""azure-ai-projects, over https alone: the key is taken as a token, so no sign-in is needed."""

import os
from typing import Any

from azure.ai.projects import AIProjectClient
from azure.core.credentials import AccessToken


class Key:
    """The simulator's key in place of a token; DefaultAzureCredential where it has a tenant."""

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken(os.environ["AZURE_OPENAI_API_KEY"], 2**31)


endpoint = f"{os.environ['AZURE_OPENAI_ENDPOINT']}/api/projects/any"
with AIProjectClient(endpoint, Key()) as project, project.get_openai_client() as client:
    answer = client.responses.create(model="gpt-4o", input="What is Azure?", max_output_tokens=20)
    print(answer.output_text)
