"""The v1 routes under the address of a project of Foundry."""

from typing import Any

import httpx2
import openai
import pytest

from simulator.messages import Request
from simulator.wire.origin import base_of
from simulator.wire.projects import without_project
from tests.conftest import KEY, Serve
from tests.fleet.conftest import CHAT, TWO_REGIONS
from tests.fleet.test_resources import fleet_file
from tests.support.route_clients import client_on

PROJECT = "/api/projects/demo"
ASK: dict[str, Any] = CHAT


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (f"{PROJECT}/openai/v1/models", "/openai/v1/models"),
        ("/API/Projects/d%20e/OpenAI/V1/models", "/OpenAI/V1/models"),
        (f"{PROJECT}/openai/v1", "/openai/v1"),
        (f"{PROJECT}/openai/v10/models", None),
        (f"{PROJECT}/openai/deployments/a/embeddings", None),
        (f"{PROJECT}/++/config", None),
        (f"{PROJECT}{PROJECT}/openai/v1/models", None),
        ("/api/projects//openai/v1/models", None),
        ("/openai/v1/models", None),
    ],
)
def test_a_project_is_taken_off_the_v1_routes_alone(path: str, expected: str | None) -> None:
    given = Request("POST", path)
    request = without_project(given)
    assert request.path == (expected or path)
    assert request.prefix + request.path == path


def test_links_lead_to_the_resource() -> None:
    given = Request("POST", f"{PROJECT}/openai/v1/images/generations", prefix="/resources/one")
    assert base_of(without_project(given)) == "http://localhost/resources/one"


@pytest.fixture
def project(server: str) -> Any:
    with openai.OpenAI(
        base_url=f"{server}{PROJECT}/openai/v1", api_key=KEY, max_retries=0
    ) as client:
        yield client


def test_a_client_of_a_project_chats_and_streams(project: openai.OpenAI) -> None:
    answer = project.chat.completions.create(model="gpt-4o", **ASK)
    assert answer.choices[0].message.content
    stream: Any = project.chat.completions.create(model="gpt-4o", stream=True, **ASK)
    assert any(event.choices[0].delta.content for event in stream if event.choices)


def test_responses_and_models_are_those_of_the_resource(
    project: openai.OpenAI, server: str
) -> None:
    made = project.responses.create(model="gpt-4o", input="Hello")
    with client_on("v1", server) as plain:
        assert plain.responses.retrieve(made.id).output_text == made.output_text
        assert project.models.list().data == plain.models.list().data


@pytest.mark.parametrize("rest", ["embeddings", "Embeddings/"])
def test_a_project_has_no_embeddings(server: str, rest: str) -> None:
    """Users of Azure: 2025-12 (azure-ai-projects), 2026-05 (langchain-azure), 2026-11."""
    body = {"model": "text-embedding-3-small", "input": "a"}
    for prefix, status in ((PROJECT, 404), ("", 200)):
        address = f"{server}{prefix}/openai/v1/{rest}"
        assert httpx2.post(address, json=body, headers={"api-key": KEY}).status_code == status


def test_a_project_is_asked_for_its_key_and_a_known_deployment(serve: Serve) -> None:
    url = serve(allow_undefined_deployments=False)
    with openai.OpenAI(base_url=f"{url}{PROJECT}/openai/v1", api_key="no", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError):
            client.models.list()
        with pytest.raises(openai.NotFoundError, match="deployment"):
            client.with_options(api_key=KEY).chat.completions.create(model="nobody", **ASK)


@pytest.mark.parametrize("rest", ["nowhere", "responses/resp_0/nowhere", ""])
def test_any_other_path_of_a_project_is_not_found(server: str, rest: str) -> None:
    answer = httpx2.get(f"{server}{PROJECT}/openai/v1/{rest}", headers={"api-key": KEY})
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Resource not found"


def test_rules_and_the_journal_see_a_request_to_a_project(serve: Serve) -> None:
    rules = '{"rules": [{"when": {"path": "/openai/v1/*"}, "reply": "ruled"}]}'
    url = serve()
    headers = {"api-key": KEY}
    assert httpx2.put(f"{url}/++/rules", content=rules, headers=headers).is_success
    with openai.OpenAI(base_url=f"{url}{PROJECT}/openai/v1", api_key=KEY) as client:
        answer = client.chat.completions.create(model="gpt-4o", **ASK)
    assert answer.choices[0].message.content == "ruled"
    [entry] = httpx2.get(f"{url}/++/requests", headers=headers).json()["requests"]
    assert (entry["operation"], entry["rule"]) == ("chat_completions", "rule-1")


def test_a_resource_of_a_fleet_has_projects(serve: Serve, tmp_path: Any) -> None:
    url = serve(fleet_path=fleet_file(tmp_path, TWO_REGIONS))
    base = f"{url}/resources/swedencentral{PROJECT}/openai/v1"
    with openai.OpenAI(base_url=base, api_key=KEY, max_retries=0) as client:
        answer = client.chat.completions.with_raw_response.create(model="chat", **ASK)
    assert answer.headers["x-ms-region"] == "Sweden Central"
    lost = httpx2.get(
        f"{url}{PROJECT}/openai/v1/models", headers={"api-key": KEY, "host": "nobody.localhost"}
    )
    assert "names no resource of the fleet" in lost.headers.get("x-simulator-hint", lost.text)
