"""Embeddings, asked by the official client over a socket."""

import base64
import json
import math
import struct
from typing import Any

import openai
import pytest

from tests.conftest import MakeSimulator
from tests.support.asking import ask, route
from tests.support.reference import encoding_of

Client = openai.AzureOpenAI
SMALL = "text-embedding-3-small"
ENCODING = encoding_of(SMALL)
TEXT = "The cat sat on the mat."
INVALID = r"'\$\.input' is invalid\. Please check the API reference"


def embed(client: Client, given: Any = TEXT, model: str = SMALL, **parameters: Any) -> Any:
    return client.embeddings.create(model=model, input=given, **parameters)


def vector(client: Client, given: Any = TEXT, **parameters: Any) -> list[float]:
    return embed(client, given, **parameters).data[0].embedding


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("model", "size"),
    [("text-embedding-ada-002", 1536), (SMALL, 1536), ("text-embedding-3-large", 3072)],
)
def test_a_vector_has_its_models_size_and_length_one(client: Client, model: str, size: int) -> None:
    made = vector(client, model=model)
    assert len(made) == size
    assert math.sqrt(cosine(made, made)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("size", [1, 2, 256, 1000, 1536])
def test_a_vector_may_be_shorter(client: Client, size: int) -> None:
    made = vector(client, dimensions=size)
    assert len(made) == size
    assert cosine(made, made) == pytest.approx(1, abs=1e-5)


def test_base64_and_floats_say_the_same(client: Client) -> None:
    floats = vector(client, encoding_format="float")
    encoded: Any = vector(client, encoding_format="base64")
    data = base64.b64decode(encoded)
    assert list(struct.unpack(f"<{len(data) // 4}f", data)) == floats


def test_the_clients_own_default_reads_the_same_vector(client: Client) -> None:
    assert vector(client) == pytest.approx(vector(client, encoding_format="float"))


def test_the_same_text_has_the_same_vector(client: Client) -> None:
    assert vector(client) == vector(client)


@pytest.mark.parametrize("given", [ENCODING.encode(TEXT), [ENCODING.encode(TEXT)], [TEXT]])
def test_tokens_and_lists_have_the_vector_of_their_text(client: Client, given: Any) -> None:
    answer = embed(client, given)
    assert answer.data[0].embedding == vector(client)
    assert answer.usage.prompt_tokens == len(ENCODING.encode(TEXT))


def test_texts_that_share_words_are_closer(client: Client) -> None:
    texts = ["How do I reset my password?", "Resetting a forgotten password", "Bake bread at home"]
    question, near, far = (item.embedding for item in embed(client, texts).data)
    assert cosine(question, near) > cosine(question, far) + 0.1


def test_usage_is_what_tiktoken_says(client: Client) -> None:
    texts = [TEXT, "naïve \N{GRINNING FACE}", "a" * 500]
    usage = embed(client, texts).usage
    assert usage.prompt_tokens == sum(len(ENCODING.encode(text)) for text in texts)
    assert usage.total_tokens == usage.prompt_tokens


def test_2048_inputs_are_answered_in_their_order(client: Client) -> None:
    answer = embed(client, [f"text {number}" for number in range(2048)], dimensions=8)
    assert [item.index for item in answer.data] == list(range(2048))


@pytest.mark.parametrize(
    ("given", "parameters", "message"),
    [
        (
            ["a"] * 2049,
            {},
            r"Too many inputs\. The max number of inputs is 2048\.  We hope to increase the number",
        ),
        ([], {}, INVALID),
        ("", {}, INVALID),
        (["a", ""], {}, INVALID),
        ([[]], {}, INVALID),
        (["a", 1], {}, INVALID),
        ([["a"]], {}, "Invalid type for 'input"),
        ([10**7], {}, INVALID),
        ([10**20], {}, INVALID),
        ([-1], {}, "integer below minimum value"),
        (5, {}, "Invalid type for 'input'"),
        ("a", {"dimensions": 1537}, "Must be less than or equal to 1536"),
        ("a", {"dimensions": 0}, "integer below minimum value"),
        ("a", {"encoding_format": "hex"}, "Supported values are: 'float' and 'base64'"),
        ("a", {"model": "embedding", "dimensions": 5}, "does not support specifying dimensions"),
        (
            "word " * 9000,
            {},
            r"Invalid 'input': maximum context length is 8192 tokens\.",
        ),
        (["a", "word " * 9000], {}, r"Invalid 'input\[1\]': maximum input length is 8192 tokens\."),
        ([5] * 9000, {}, r"Invalid 'input': maximum context length is 8192 tokens\."),
    ],
)
def test_a_request_is_refused_in_the_services_words(
    client: Client, given: Any, parameters: Any, message: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=message):
        embed(client, given, **parameters)


async def test_a_deployment_may_have_a_size_of_its_own(
    make_simulator: MakeSimulator, tmp_path: Any
) -> None:
    path = tmp_path / "deployments.json"
    path.write_text(json.dumps({"short": {"model": SMALL, "embeddingSize": 64}}))
    reply = await ask(
        make_simulator(deployments_path=str(path)), route("embeddings", "short"), {"input": "a"}
    )
    assert len(reply.json["data"][0]["embedding"]) == 64


async def test_the_async_client_is_served(async_client: openai.AsyncAzureOpenAI) -> None:
    answer = await async_client.embeddings.create(model=SMALL, input=[TEXT, TEXT])
    assert answer.data[0].embedding == answer.data[1].embedding
