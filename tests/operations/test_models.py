"""Model discovery, in both route families."""

import httpx2
import openai
import pytest

from simulator.catalogue.models import all_models, find_model
from tests.conftest import API_VERSION, KEY


def test_the_client_lists_every_version_of_every_model(client: openai.AzureOpenAI) -> None:
    listed = {model.id for model in client.models.list()}
    assert {f"{model.name}-{model.version.lower()}" for model in all_models()} <= listed


def test_a_model_is_listed_under_its_bare_name_once(client: openai.AzureOpenAI) -> None:
    ids = [model.id for model in client.models.list()]
    assert ids.count("gpt-4o") == 1
    assert len(ids) == len(set(ids))


def test_an_item_has_the_documented_members(http: httpx2.Client) -> None:
    body = http.get("/openai/models", params={"api-version": API_VERSION}).json()
    assert body["object"] == "list"
    item = next(item for item in body["data"] if item["id"] == "text-embedding-3-small")
    model = find_model("text-embedding-3-small")
    assert item == {
        "status": "succeeded",
        "capabilities": {
            "fine_tune": False,
            "inference": True,
            "completion": False,
            "chat_completion": False,
            "embeddings": True,
        },
        "lifecycle_status": "generally-available",
        "deprecation": {"inference": model.inference_ends},
        "id": "text-embedding-3-small",
        "created_at": model.created,
        "updated_at": model.created,
        "object": "model",
    }


def test_a_v1_item_has_the_members_of_the_v1_document(server: str) -> None:
    with openai.OpenAI(base_url=f"{server}/openai/v1/", api_key=KEY) as client:
        model = client.models.retrieve("gpt-4o")
        assert model.model_dump(exclude_none=True) == {
            "id": "gpt-4o",
            "created": find_model("gpt-4o").created,
            "object": "model",
            "owned_by": "openai",
        }
        assert model in client.models.list().data


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
        ("whisper-001", "whisper-001"),
        ("gpt-3.5-turbo", "gpt-35-turbo"),
        ("GPT-4.1", "gpt-4.1"),
    ],
)
def test_one_model_is_found_by_its_names(
    client: openai.AzureOpenAI, asked: str, found: str
) -> None:
    assert client.models.retrieve(asked).id == found


@pytest.mark.parametrize("prefix", ["/openai/models", "/openai/v1/models"])
def test_an_unknown_model_is_not_found(http: httpx2.Client, prefix: str) -> None:
    query = {} if "v1" in prefix else {"api-version": API_VERSION}
    answer = http.get(f"{prefix}/gpt-99", params=query)
    assert answer.status_code == 404
    assert answer.json() == {
        "error": {
            "message": "The model 'gpt-99' does not exist",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    }


def test_models_need_an_api_version_on_the_dated_route(http: httpx2.Client) -> None:
    assert http.get("/openai/models").json()["error"]["code"] == "404"


def test_models_need_a_key(server: str) -> None:
    assert httpx2.get(f"{server}/openai/v1/models").status_code == 401
