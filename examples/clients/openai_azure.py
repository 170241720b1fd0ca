# /// script
# dependencies = ["openai"]
# ///
"""openai, the client for Azure: everything comes from the environment."""

from openai import AzureOpenAI

client = AzureOpenAI()
answer = client.chat.completions.create(
    model="gpt-4o", messages=[{"role": "user", "content": "What is Azure?"}], max_tokens=20
)
print(answer.choices[0].message.content)
