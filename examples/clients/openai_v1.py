# /// script
# dependencies = ["openai"]
# ///
"""openai, the plain client on the v1 routes: OPENAI_BASE_URL and OPENAI_API_KEY."""

from openai import OpenAI

client = OpenAI()
answer = client.responses.create(model="gpt-4o", input="What is Azure?", max_output_tokens=20)
print(answer.output_text)
