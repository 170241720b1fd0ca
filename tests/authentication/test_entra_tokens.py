import time
from typing import Any

import httpx2
import openai
import pytest
from cryptography.hazmat.primitives import serialization
from pytest_httpserver import HTTPServer

from simulator.authentication.entra_tokens import EntraTokens, Tenant
from simulator.authentication.signing_keys import SigningKeys, fetch_keys
from simulator.errors import TokenMissing
from tests.conftest import API_VERSION, KEY, Serve
from tests.support.entra_tenant import AUDIENCE, TENANT, EntraTenant, SigningKey

ELSEWHERE = "11111111-2222-3333-4444-555555555555"
SIGNER, STRANGER = SigningKey("key-1"), SigningKey("key-1")
UNAUTHORIZED = {
    "statusCode": 401,
    "message": "Unauthorized. Access token is missing, invalid, audience is incorrect "
    "(https://cognitiveservices.azure.com), or have expired.",
}


@pytest.fixture
def tenant(httpserver: HTTPServer) -> EntraTenant:
    return EntraTenant(httpserver, SIGNER)


@pytest.fixture
def tokens(tenant: EntraTenant) -> EntraTokens:
    return checking(tenant, AUDIENCE)


def checking(tenant: EntraTenant, *audiences: str) -> EntraTokens:
    keys = SigningKeys(lambda: fetch_keys(tenant.address), time.monotonic)
    return EntraTokens(Tenant(TENANT, tenant.authority), audiences, keys)


@pytest.mark.parametrize("audience", [AUDIENCE, f"{AUDIENCE}/", ["other", AUDIENCE]])
async def test_a_token_of_the_tenant_lets_in(
    tenant: EntraTenant, tokens: EntraTokens, audience: Any
) -> None:
    await tokens.check(tenant.token(aud=audience))


async def test_a_token_of_version_2_lets_in(tenant: EntraTenant, tokens: EntraTokens) -> None:
    await tokens.check(tenant.token(iss=f"{tenant.authority}/{TENANT}/v2.0", ver="2.0"))


async def test_an_audience_may_be_set_with_a_slash(tenant: EntraTenant) -> None:
    await checking(tenant, "api://mine/").check(tenant.token(aud="api://mine"))


async def test_clocks_may_differ_a_little(tenant: EntraTenant, tokens: EntraTokens) -> None:
    now = int(time.time())
    await tokens.check(tenant.token(nbf=now + 30, iat=now + 30))
    await tokens.check(tenant.token(exp=now - 30))


NOW = int(time.time())
WRONG = {
    "of another tenant": {"iss": f"https://sts.windows.net/{ELSEWHERE}/"},
    "of an issuer with a longer name": {"iss": f"https://sts.windows.net/{TENANT}/x"},
    "of version 2 and another cloud": {"iss": f"https://login.microsoftonline.us/{TENANT}/v2.0"},
    "for somebody else": {"aud": "https://management.azure.com"},
    "for a longer name": {"aud": f"{AUDIENCE}.evil.example"},
    "for nobody": {"aud": []},
    "expired": {"exp": NOW - 120},
    "not yet valid": {"nbf": NOW + 1800},
    "that never expires": {"without": "exp"},
    "without a beginning": {"without": "nbf"},
    "without an issuer": {"without": "iss"},
    "without an audience": {"without": "aud"},
    "that expires some day": {"exp": "some day"},
    "of an unknown key": {"key_id": "key-2"},
    "of a key without a name": {"key_id": ""},
    "signed by somebody else in the key's name": {"key": STRANGER.private},
    "signed with another algorithm": {"algorithm": "RS512"},
    "signed by nobody": {"key": "", "algorithm": "none"},
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_token_is_refused(
    tenant: EntraTenant, tokens: EntraTokens, name: str
) -> None:
    with pytest.raises(TokenMissing):
        await tokens.check(tenant.token(**WRONG[name]))  # type: ignore[arg-type]


async def test_a_public_key_is_no_shared_secret(
    tenant: EntraTenant, tokens: EntraTokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = SIGNER.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    # The library refuses to make such a token; an attacker would not.
    monkeypatch.setattr("jwt.algorithms.is_pem_format", lambda _: False)
    forged = tenant.token(key=public, algorithm="HS256")
    monkeypatch.undo()
    with pytest.raises(TokenMissing):
        await tokens.check(forged)


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "..", "\xff.\xff.\xff", "e30.e30.e30", "e30.."]
)
async def test_what_is_no_token_is_refused_without_a_look_at_the_keys(
    tenant: EntraTenant, tokens: EntraTokens, token: str
) -> None:
    with pytest.raises(TokenMissing):
        await tokens.check(token)
    assert tenant.looks == 0


@pytest.mark.parametrize(
    ("authority", "issuers"),
    [
        (
            "https://login.microsoftonline.com",
            (
                f"https://sts.windows.net/{TENANT}/",
                f"https://login.microsoftonline.com/{TENANT}/v2.0",
            ),
        ),
        (
            "https://login.chinacloudapi.cn/",
            (
                f"https://sts.chinacloudapi.cn/{TENANT}/",
                f"https://login.chinacloudapi.cn/{TENANT}/v2.0",
            ),
        ),
    ],
)
def test_a_cloud_has_its_issuers(authority: str, issuers: tuple[str, str]) -> None:
    assert Tenant(TENANT, authority).issuers == issuers


@pytest.fixture
def url(serve: Serve, tenant: EntraTenant) -> str:
    return serve(entra_tenant=TENANT, entra_authority=tenant.authority)


def asked(url: str, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.get(f"{url}/openai/models?api-version={API_VERSION}", headers=named)


def test_an_app_that_signs_in_with_entra_runs_unchanged(url: str, tenant: EntraTenant) -> None:
    with openai.AzureOpenAI(
        azure_endpoint=url,
        azure_ad_token_provider=tenant.token,
        api_version=API_VERSION,
        max_retries=0,
    ) as client:
        answer = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hello"}]
        )
    assert answer.choices[0].message.content


def test_the_key_works_beside_tokens(url: str) -> None:
    assert asked(url, api_key=KEY).status_code == 200
    assert asked(url, authorization=f"Bearer {KEY}").status_code == 200


def test_a_wrong_token_gets_the_services_body(url: str, tenant: EntraTenant) -> None:
    reply = asked(url, authorization=f"Bearer {tenant.token(aud='https://graph.microsoft.com')}")
    assert (reply.status_code, reply.json()) == (401, UNAUTHORIZED)


def test_without_the_tenants_keys_the_answer_says_what_is_missing(
    url: str, tenant: EntraTenant
) -> None:
    tenant.answer({}, 503)
    headers = {"authorization": f"Bearer {tenant.token()}"}
    refused = asked(url, **headers)
    assert refused.status_code == 503
    assert tenant.address in refused.json()["error"]["message"]
    tenant.publish()
    assert asked(url, **headers).status_code == 200


def test_without_a_key_tokens_alone_let_in(serve: Serve, tenant: EntraTenant) -> None:
    url = serve(api_key="", entra_tenant=TENANT, entra_authority=tenant.authority)
    assert asked(url, authorization=f"Bearer {tenant.token()}").status_code == 200
    assert asked(url, authorization="Bearer x").status_code == 401
    disabled = asked(url, api_key=KEY)
    assert disabled.status_code == 403
    assert disabled.json() == {
        "error": {
            "code": "AuthenticationTypeDisabled",
            "message": "Key based authentication is disabled for this resource.",
        }
    }
