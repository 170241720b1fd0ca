"""Token credentials, which azure-core sends over https alone, at a simulator with its own certificate."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import openai
import pytest
from anthropic import AnthropicFoundry
from azure.ai.inference import ChatCompletionsClient
from azure.ai.inference.models import UserMessage
from azure.ai.projects import AIProjectClient
from azure.ai.projects.models import ModelDeployment
from azure.core import PipelineClient
from azure.core.credentials import AccessToken
from azure.core.exceptions import ResourceNotFoundError, ServiceRequestError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import get_bearer_token_provider
from pytest_httpserver import HTTPServer

from simulator.assembly.operations import OPERATIONS
from simulator.hosting.certificate import Certificate, self_signed
from simulator.hosting.functions_app import create_app
from simulator.hosting.triggers import read_triggers
from tests.conftest import API_VERSION, MakeSimulator, running
from tests.support.entra_tenant import AUDIENCE, TENANT, EntraTenant, SigningKey

SCOPE = f"{AUDIENCE}/.default"
CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
ASKED: dict[str, Any] = {
    "messages": [{"role": "user", "content": "What is Azure?"}],
    "max_tokens": 5,
}


class Credential:
    """An identity of the tenant; `scopes` are those that were asked for."""

    def __init__(self, tenant: EntraTenant) -> None:
        self._tenant = tenant
        self.scopes = list[tuple[str, ...]]()

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.scopes.append(scopes)
        audience = scopes[0].removesuffix("/.default")
        return AccessToken(self._tenant.token(aud=audience), 2**31)


class Https(NamedTuple):
    """A simulator that is asked over https."""

    url: str
    certificate: Certificate
    credential: Credential


@pytest.fixture
def https(make_simulator: MakeSimulator, httpserver: HTTPServer, tmp_path: Path) -> Iterator[Https]:
    tenant = EntraTenant(httpserver, SigningKey("one"))
    deployed = tmp_path / "deployments.json"
    models = {"gpt-4o": "gpt-4o", "sonnet": "claude-sonnet-4-5"}
    deployed.write_text(json.dumps({name: {"model": model} for name, model in models.items()}))
    simulator = make_simulator(
        entra_tenant=TENANT, entra_authority=tenant.authority, deployments_path=str(deployed)
    )
    triggers = read_triggers(create_app(simulator, OPERATIONS).get_functions())
    certificate = self_signed(tmp_path / "data")
    with running(triggers, simulator.close, certificate=certificate) as url:
        yield Https(url.replace("http:", "https:"), certificate, Credential(tenant))


def sent(https: Https, url: str) -> HttpResponse:
    """A chat request by azure-core's own pipeline, which is that of all of Azure's clients."""
    policies = [RetryPolicy.no_retries(), BearerTokenCredentialPolicy(https.credential, SCOPE)]
    trusted = str(https.certificate.trusted)
    with PipelineClient[HttpRequest, HttpResponse](
        url, policies=policies, connection_verify=trusted
    ) as client:
        answer = client.send_request(HttpRequest("POST", url + CHAT, json=ASKED))
        answer.read()
        return answer


def test_a_token_credential_of_azure_core_lets_in_over_tls(https: Https) -> None:
    answer = sent(https, https.url)
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"]
    assert https.credential.scopes == [(SCOPE,)]


def test_azure_core_sends_no_token_over_http(https: Https) -> None:
    with pytest.raises(ServiceRequestError, match="not permitted for non-TLS"):
        sent(https, https.url.replace("https:", "http:"))
    assert https.credential.scopes == []


def test_openai_takes_the_same_credential_as_a_token_provider(https: Https) -> None:
    context = ssl.create_default_context(cafile=str(https.certificate.trusted))
    with (
        httpx2.Client(verify=context) as http,
        openai.AzureOpenAI(
            azure_endpoint=https.url,
            azure_ad_token_provider=get_bearer_token_provider(https.credential, SCOPE),
            api_version=API_VERSION,
            max_retries=0,
            http_client=http,
        ) as client,
    ):
        answer = client.chat.completions.create(model="gpt-4o", **ASKED)
    assert answer.choices[0].message.content


FOUNDRY_SCOPE = "https://ai.azure.com/.default"


def test_a_project_of_foundry_gives_a_client_of_openai(https: Https) -> None:
    context = ssl.create_default_context(cafile=str(https.certificate.trusted))
    endpoint = f"{https.url}/api/projects/mine"
    with (
        httpx2.Client(verify=context) as http,
        AIProjectClient(endpoint, https.credential) as project,
        project.get_openai_client(http_client=http, max_retries=0) as client,
    ):
        answer = client.responses.create(model="gpt-4o", input="What is Azure?")
        found = client.responses.retrieve(answer.id)
    assert answer.output_text == found.output_text
    assert https.credential.scopes == [(FOUNDRY_SCOPE,)]


def test_a_project_of_foundry_lists_its_deployments(https: Https) -> None:
    trusted = str(https.certificate.trusted)
    with AIProjectClient(
        f"{https.url}/api/projects/mine",
        https.credential,
        connection_verify=trusted,
        headers={"Connection": "close"},
        retry_total=0,
    ) as project:
        listed = list(project.deployments.list())
        claude = list(project.deployments.list(model_publisher="Anthropic"))
        found = project.deployments.get("gpt-4o")
        with pytest.raises(ResourceNotFoundError, match="Deployment 'grok' not found"):
            project.deployments.get("grok")
    assert all(isinstance(one, ModelDeployment) for one in listed)
    assert [one.name for one in listed] == ["gpt-4o", "sonnet"]
    assert [one.name for one in claude] == ["sonnet"]
    assert isinstance(found, ModelDeployment)
    assert (found.model_name, found.model_publisher) == ("gpt-4o", "OpenAI")
    assert found.capabilities["chat_completion"] == "true"
    assert set(https.credential.scopes) == {(FOUNDRY_SCOPE,)}


def test_azure_ai_inference_takes_the_credential(https: Https) -> None:
    with ChatCompletionsClient(
        f"{https.url}/models",
        https.credential,
        credential_scopes=[SCOPE],
        connection_verify=str(https.certificate.trusted),
    ) as client:
        answer = client.complete(messages=[UserMessage("What is Azure?")], model="gpt-4o")
    assert answer.choices[0].message.content
    assert https.credential.scopes == [(SCOPE,)]


def test_claude_takes_the_same_credential_as_a_token_provider(https: Https) -> None:
    context = ssl.create_default_context(cafile=str(https.certificate.trusted))
    with (
        httpx2.Client(verify=context) as http,
        AnthropicFoundry(
            base_url=f"{https.url}/anthropic",
            azure_ad_token_provider=get_bearer_token_provider(https.credential, FOUNDRY_SCOPE),
            max_retries=0,
            http_client=http,
        ) as client,
    ):
        question: Any = {"role": "user", "content": "What is Azure?"}
        answer = client.messages.create(model="sonnet", max_tokens=5, messages=[question])
    assert answer.usage.output_tokens == 5
