"""Asks a deployed simulator, with the openai client: a chat, a stream and an embedding.

Reads TEST_OPENAI_ENDPOINT, TEST_OPENAI_KEY (else SIMULATOR_API_KEY), TEST_OPENAI_DEPLOYMENT and
TEST_OPENAI_EMBEDDING_DEPLOYMENT. Fails with one line that says what did not work.
"""

import os
from collections.abc import Mapping

import openai
from openai.types.chat import ChatCompletionUserMessageParam

API_VERSION = "2024-10-21"
QUESTION: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": "What is Azure?"}]


def check(client: openai.AzureOpenAI, environment: Mapping[str, str]) -> None:
    """Prints what came; an `openai.OpenAIError` if anything did not."""
    chat = environment.get("TEST_OPENAI_DEPLOYMENT") or "gpt-4o"
    embedding = environment.get("TEST_OPENAI_EMBEDDING_DEPLOYMENT") or "embedding"
    answer = client.chat.completions.create(model=chat, messages=QUESTION, max_tokens=20)
    print(f"chat: {answer.choices[0].message.content}")
    with client.chat.completions.create(
        model=chat, messages=QUESTION, max_tokens=20, stream=True
    ) as stream:
        print(f"stream: {sum(1 for _ in stream)} events")
    vector = client.embeddings.create(model=embedding, input="What is Azure?").data[0].embedding
    print(f"embedding: {len(vector)} numbers")


def main(environment: Mapping[str, str]) -> None:
    endpoint = environment.get("TEST_OPENAI_ENDPOINT", "")
    key = environment.get("TEST_OPENAI_KEY") or environment.get("SIMULATOR_API_KEY", "")
    for name, value in (("TEST_OPENAI_ENDPOINT", endpoint), ("TEST_OPENAI_KEY", key)):
        if not value:
            raise SystemExit(f"deploy-test: {name} is not set")
    try:
        with openai.AzureOpenAI(
            azure_endpoint=endpoint, api_key=key, api_version=API_VERSION
        ) as client:
            check(client, environment)
    except openai.OpenAIError as error:
        raise SystemExit(f"deploy-test: {endpoint} did not answer as it should: {error}") from None


if __name__ == "__main__":
    main(os.environ)
