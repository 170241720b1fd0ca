# /// script
# dependencies = ["litellm"]
# ///
"""LiteLLM: names of its own for the environment, so the values are handed over."""

import os

import litellm

answer = litellm.completion(
    model="azure/gpt-4o",
    api_base=os.environ["AZURE_OPENAI_ENDPOINT"],
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    api_version=os.environ["OPENAI_API_VERSION"],
    messages=[{"role": "user", "content": "What is Azure?"}],
    max_tokens=20,
)
print(answer.choices[0].message.content)
