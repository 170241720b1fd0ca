"""Models of other makers: deployed by name in the deployment file, and never guessed."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest

from simulator.catalogue.deployment_file import parse_deployments
from simulator.catalogue.deployments import Deployments
from simulator.catalogue.models import Model, all_models, find_model, other_models
from simulator.tokens.estimates import ESTIMATES
from simulator.tokens.tokenizer import Tokenizer
from tests.conftest import KEY, serving
from tests.support.route_clients import client_on

EVERY_MODEL = pytest.mark.parametrize("model", other_models(), ids=lambda model: model.name)
DEPLOYED = {
    "DeepSeek-V3.1": {"model": "deepseek-v3.1"},
    "llama": {"model": "Llama-3.3-70B-Instruct", "tokensPerMinute": 60000},
    "cohere": {"model": "embed-v-4-0", "embeddingSize": 256},
    "sonnet": {"model": "claude-sonnet-4-5"},
    "codestral": {"model": "Codestral-2501"},
}


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with serving(DEPLOYED) as url:
        yield url


@pytest.fixture
def makers(host: str) -> Iterator[openai.OpenAI]:
    with client_on("v1", host) as client:
        yield client


@EVERY_MODEL
def test_every_model_is_found_by_its_name_in_any_case(model: Model) -> None:
    assert find_model(model.name) is find_model(model.name.upper()) is model


@EVERY_MODEL
def test_every_model_has_an_estimate_and_a_window(model: Model) -> None:
    assert model.encoding in ESTIMATES
    assert 0 <= model.max_output <= model.context_window
    assert ("embeddings" in model.capabilities) == (model.embedding_size is not None)
    assert model.capabilities == {"messages"} or model.maker != "Anthropic"


@EVERY_MODEL
def test_no_name_deploys_a_model_by_itself(model: Model) -> None:
    assert Deployments().get(model.name) is None
    assert Deployments().get(f"my-{model.name.lower()}-eu") is None


def test_no_maker_has_a_name_of_another() -> None:
    names = [model.name.lower() for model in other_models()]
    assert len(names) == len(set(names))
    assert not {model.name.lower() for model in all_models()} & set(names)


def test_a_deployment_has_the_models_limits() -> None:
    deployments = parse_deployments(json.dumps(DEPLOYED), "the file")
    assert deployments["llama"].requests_per_minute == 150
    assert deployments["cohere"].embedding_size == 256


def test_an_estimate_is_the_tokens_of_an_encoding_times_a_factor() -> None:
    tokenizer, text = Tokenizer(), "The quick brown fox jumps over the lazy dog. " * 100
    base = tokenizer.count(text, "o200k_base")
    assert tokenizer.count(text, "claude") == -(-base * 112 // 100)
    assert tokenizer.count(text, "llama") == tokenizer.count(text, "cl100k_base")
    assert "".join(tokenizer.split(text, "claude-4.7")) == text
    assert tokenizer.count("", "claude") == 0


def test_a_named_deployment_chats_plain_and_streamed(makers: openai.OpenAI) -> None:
    messages = [{"role": "user", "content": "Hello"}]
    answer = makers.chat.completions.create(model="DeepSeek-V3.1", messages=messages)  # type: ignore[arg-type]  # dicts
    assert answer.model == "DeepSeek-V3.1"
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 9  # 7 of the message, and 1.05 of one, rounded up
    create: Any = makers.chat.completions.create
    stream = create(model="llama", messages=messages, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


def test_responses_are_for_the_models_that_have_them(makers: openai.OpenAI) -> None:
    assert makers.responses.create(model="llama", input="Hello").output_text
    with pytest.raises(openai.BadRequestError, match="operation is unsupported"):
        makers.responses.create(model="codestral", input="Hello")


def test_vectors_have_the_deployments_size(makers: openai.OpenAI) -> None:
    answer = makers.embeddings.create(model="cohere", input="Hello")
    assert len(answer.data[0].embedding) == 256


def test_claude_takes_no_api_of_openai(host: str) -> None:
    body = {"model": "sonnet", "messages": [{"role": "user", "content": "Hello"}]}
    found = httpx2.post(f"{host}/openai/v1/chat/completions", json=body, headers={"api-key": KEY})
    assert found.status_code == 404
    message = "Requested API is currently not supported"
    assert found.json() == {
        "error": {"code": "api_not_supported", "message": message, "details": message}
    }


def test_an_unknown_model_is_answered_with_names_as_they_are_spelled() -> None:
    with pytest.raises(LookupError, match=re.escape("nearest: DeepSeek-V3.1")):
        find_model("deepseek-v3.11")
