# /// script
# dependencies = ["anthropic"]
# ///
"""anthropic for Claude on Foundry; the simulator needs a deployment of that name."""

import os

from anthropic import AnthropicFoundry

client = AnthropicFoundry(
    base_url=f"{os.environ['AZURE_OPENAI_ENDPOINT']}/anthropic",
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
)
question = {"role": "user", "content": "What is Azure?"}
with client.messages.stream(
    model="claude-sonnet-4-5", max_tokens=20, messages=[question]
) as stream:
    for text in stream.text_stream:
        print(text, end="")
print()
