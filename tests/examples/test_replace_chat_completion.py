from collections.abc import Iterator

import openai
import pytest

from tests.conftest import API_VERSION, KEY, Serve

MESSAGES = [
    {"role": "system", "content": "Be kind."},
    {
        "role": "user",
        "content": [{"type": "text", "text": "good"}, {"type": "text", "text": "day"}],
    },
]


@pytest.fixture
def client(serve: Serve) -> Iterator[openai.AzureOpenAI]:
    url = serve(extension_path="examples/replace_chat_completion")
    with openai.AzureOpenAI(
        azure_endpoint=url, api_key=KEY, api_version=API_VERSION, max_retries=0
    ) as client:
        yield client


def test_a_chat_repeats_what_the_user_said(client: openai.AzureOpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=MESSAGES)
    answer = raw.parse()
    assert answer.choices[0].message.content == "You said: good day"
    assert answer.usage.completion_tokens == 4
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 4
    assert raw.headers["x-ms-deployment-name"] == "gpt-4o"


def test_so_does_a_streamed_one(client: openai.AzureOpenAI) -> None:
    chunks = list(client.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True))
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert deltas[0].role == "assistant"
    assert "".join(delta.content or "" for delta in deltas) == "You said: good day"
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_what_it_does_not_replace_is_the_simulators(client: openai.AzureOpenAI) -> None:
    answer = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, n=2)
    assert len(answer.choices) == 2
    text = answer.choices[0].message.content
    assert text
    assert "You said" not in text


def test_a_bad_request_is_refused_as_ever(client: openai.AzureOpenAI) -> None:
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="gpt-4o", messages=[])


def test_other_operations_are_as_ever(client: openai.AzureOpenAI) -> None:
    assert client.embeddings.create(model="text-embedding-3-small", input="a").data
