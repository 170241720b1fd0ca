"""The bytes of embeddings answers against a recording."""

import re

import httpx2

from tests.conftest import API_VERSION
from tests.wire.recorded import recorded

PATH = f"/openai/deployments/text-embedding-3-large/embeddings?api-version={API_VERSION}"
VECTOR = re.compile(rb'"embedding": "[A-Za-z0-9+/=]+"')


def test_an_answer_differs_from_a_recorded_one_in_its_vector_alone(http: httpx2.Client) -> None:
    body = {"input": "Tell me a joke about opentelemetry", "encoding_format": "base64"}
    made = http.post(PATH, json=body).content
    expected = recorded("embeddings_2024-02.json")
    assert VECTOR.sub(b"", made) == VECTOR.sub(b"", expected)
    assert len(made) == len(expected) == 16606


def test_no_filter_looks_at_them_and_nothing_is_buffered(http: httpx2.Client) -> None:
    """Neither header was recorded, beside those of a chat of the same time that had them."""
    headers = http.post(PATH, json={"input": "Hello"}).headers
    assert not {"x-accel-buffering", "x-ms-rai-invoked"} & set(headers)
    assert {"azureml-model-session", "x-request-id"} <= set(headers)
